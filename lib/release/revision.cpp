#include "release/revision.h"

#include "base/error.h"
#include "base/strings.h"
#include "crypto/base64.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::release {

namespace {

using base::Error;
using base::ErrorKind;

constexpr auto record_key = "revision.json";
constexpr int64_t format = 1;
/// Of the data of one Secret, k8s.io/api/core/v1 MaxSecretSize.
constexpr size_t largest = 1024 * 1024;

json to_json(const Revision& revision) {
  return {{"format", format},
          {"number", revision.number},
          {"content", revision.content},
          {"cause", revision.cause},
          {"time", revision.time},
          {"template",
           {{"name", revision.template_name},
            {"version", revision.template_version},
            {"kind", revision.template_kind}}},
          {"values", revision.values},
          {"objects", revision.objects}};
}

}  // namespace

bool is_same(const Revision& a, const Revision& b) {
  return a.template_name == b.template_name && a.template_version == b.template_version &&
         a.values == b.values && a.objects == b.objects;
}

bool is_revision(const json& object) {
  return object::text_at(object, {"type"}) == secret_type;
}

json to_secret(const Revision& revision, const std::string& workload, const json& labels) {
  const auto record = to_json(revision).dump(-1, ' ', false, json::error_handler_t::replace);
  if (record.size() > largest)
    throw Error(ErrorKind::invalid,
                base::cat("'", workload, "' is too large to be recorded: ", record.size(),
                          " bytes of values and objects, and a Secret holds ", largest),
                "keep large texts in a ConfigMap or on a claim that the template names");
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", secret_type},
          {"metadata", {{"name", base::cat(workload, ".r", revision.number)}, {"labels", labels}}},
          {"data", {{record_key, crypto::base64_encode(record)}}}};
}

Revision from_secret(const json& secret) {
  const auto text = crypto::base64_decode(object::text_at(secret, {"data", record_key}));
  const json record = json::parse(text.value_or(""), nullptr, false);
  const auto written = object::number_at(record, {"format"});
  if (written > format)
    throw Error(ErrorKind::invalid,
                base::cat(object::describe(secret), " has the format ", written,
                          ", and this lotse reads ", format, " at most"),
                "take the newer lotse that wrote it");
  const json& objects = object::at(record, {"objects"});
  if (written < 1 || !objects.is_array())
    throw Error(ErrorKind::failed, object::describe(secret) + " is damaged: it holds no revision");
  return {.number = object::number_at(record, {"number"}),
          .content = object::text_at(record, {"content"}),
          .cause = object::text_at(record, {"cause"}),
          .time = object::text_at(record, {"time"}),
          .template_name = object::text_at(record, {"template", "name"}),
          .template_version = object::text_at(record, {"template", "version"}),
          .template_kind = object::text_at(record, {"template", "kind"}),
          .values = object::at(record, {"values"}),
          .objects = objects};
}

}  // namespace lotse::release
