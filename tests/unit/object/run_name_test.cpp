#include "object/run_name.h"

#include <catch2/catch.hpp>

using namespace lotse::object;

namespace {
json with_annotations(const json& annotations) {
  return {{"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}};
}
}  // namespace

TEST_CASE("a run is the anchor's uid and the revision, where the template asks for it") {
  json job = with_annotations({{annotation_run, "0123abcd"}, {"other", "stays"}});
  name_run(job, "uid-1");
  const json named = with_annotations({{annotation_run, "uid-1/0123abcd"}, {"other", "stays"}});
  CHECK(job == named);
  name_run(job, "uid-1");  // as when what is there is applied again
  CHECK(job == named);

  json unasked = with_annotations({{"other", "stays"}});
  name_run(unasked, "uid-1");
  CHECK(unasked == with_annotations({{"other", "stays"}}));
  json service = {{"kind", "Service"}};
  name_run(service, "uid-1");
  CHECK(service == json{{"kind", "Service"}});
  json early = with_annotations({{annotation_run, "0123abcd"}});
  name_run(early, "");
  CHECK(early == with_annotations({{annotation_run, "0123abcd"}}));
}
