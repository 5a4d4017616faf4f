#include "action/history.h"

#include <catch2/catch.hpp>

using namespace lotse::action;

TEST_CASE("a workload without records has revision 1, its values null where the anchor has none") {
  for (const json& data : {json::object(), json{{"values.json", "{\"epochs\": "}},
                           json{{"values.json", "{\"epochs\": 3}"}}}) {
    Written written{.version = "1"};
    written.objects.add({{"kind", "ConfigMap"}, {"metadata", {{"name", "x"}}}, {"data", data}});
    const auto history = history_of("x", written);
    REQUIRE(history.revisions.size() == 1);
    CHECK_FALSE(history.recorded);
    const auto text = history.revisions[0].values.dump();
    CHECK(text == (data.dump().find('3') == std::string::npos ? "null" : "{\"epochs\":3}"));
  }
}
