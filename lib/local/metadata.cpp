#include "local/metadata.h"

#include <string>

#include "base/error.h"
#include "local/manifests.h"
#include "local/pod.h"
#include "local/time.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

/// Kubernetes refuses to change these of a Job.
void check_immutable(const json& before, const json& after) {
  base::Diagnostics problems;
  for (const char* field :
       {"completions", "completionMode", "template", "podFailurePolicy", "selector"})
    if (object::at(before, {"spec", field}) != object::at(after, {"spec", field}))
      problems.push_back({object_title(after) + ": spec." + field,
                          "cannot change while the Job is there",
                          "delete it first, or give the Job another name"});
  base::throw_if_any(std::move(problems));
}

}  // namespace

void complete_metadata(json& object, const json* before, int version) {
  auto& metadata = object["metadata"];
  if (before == nullptr) {
    metadata["uid"] = random_uid();
    metadata["creationTimestamp"] = timestamp();
    metadata["generation"] = 1;
    metadata["resourceVersion"] = std::to_string(version);
    return;
  }
  if (object::kind_of(object) == "Job") check_immutable(*before, object);
  const json& old = before->at("metadata");
  metadata["uid"] = object::uid_of(*before);
  metadata["creationTimestamp"] = object::at(old, {"creationTimestamp"});
  const bool same = object::at(*before, {"spec"}) == object::at(object, {"spec"});
  metadata["generation"] = object::number_at(old, {"generation"}, 1) + (same ? 0 : 1);
  metadata["resourceVersion"] = object::at(old, {"resourceVersion"});
  if (object != *before) metadata["resourceVersion"] = std::to_string(version);
}

bool has_ended(const json& job) {
  for (const char* type : {"Complete", "Failed"}) {
    const json* found = object::condition(job, type);
    if (found != nullptr && object::text_at(*found, {"status"}) == "True") return true;
  }
  return false;
}

}  // namespace lotse::local
