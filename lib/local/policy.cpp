#include "local/policy.h"

#include <algorithm>

#include "local/manifests.h"

namespace lotse::local {

namespace {
bool matches(const json& rule, const std::string& container, int exit_code) {
  if (!rule.contains("onExitCodes") || rule.at("onExitCodes").is_null() || exit_code == 0)
    return false;
  const json& codes = rule.at("onExitCodes");
  if (codes.contains("containerName") && codes.at("containerName") != container) return false;
  const auto& values = codes.at("values");
  const bool in = std::find(values.begin(), values.end(), exit_code) != values.end();
  return in == (codes.at("operator") == "In");
}
}  // namespace

FailureAction failure_action(const json& job_spec, const std::string& container, int exit_code) {
  const json rules = member<json>(job_spec, "/podFailurePolicy/rules", json::array());
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!matches(rules[i], container, exit_code)) continue;
    const std::string action = rules[i].at("action");
    if (action == "FailJob") return {FailureAction::fail_job, i};
    return {action == "Ignore" ? FailureAction::ignore : FailureAction::count, i};
  }
  return {};
}

}  // namespace lotse::local
