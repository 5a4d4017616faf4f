#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lotse::local {

using nlohmann::json;

/// What a Job does about a pod that failed.
struct FailureAction {
  enum Kind { count, ignore, fail_job } kind = count;
  size_t rule = 0;  ///< index of the rule that matched, for fail_job
};

/// The action of the first rule of spec.podFailurePolicy whose onExitCodes match; where none does,
/// the failure is counted. onPodConditions never match, because nothing evicts pods here.
FailureAction failure_action(const json& job_spec, const std::string& container, int exit_code);

}  // namespace lotse::local
