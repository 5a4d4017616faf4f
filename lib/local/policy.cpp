#include "local/policy.h"

#include <algorithm>

#include "object/member.h"

namespace lotse::local {

namespace {
bool matches(const json& rule, const std::string& container, int exit_code) {
  const json& codes = object::at(rule, {"onExitCodes"});
  if (codes.is_null() || exit_code == 0) return false;
  if (object::text_at(codes, {"containerName"}, container.c_str()) != container) return false;
  const auto& values = object::list_at(codes, {"values"});
  const bool in = std::find(values.begin(), values.end(), exit_code) != values.end();
  return in == (object::text_at(codes, {"operator"}) == "In");
}
}  // namespace

FailureAction failure_action(const json& job_spec, const std::string& container, int exit_code) {
  const auto& rules = object::list_at(job_spec, {"podFailurePolicy", "rules"});
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!matches(rules[i], container, exit_code)) continue;
    const auto action = object::text_at(rules[i], {"action"});
    if (action == "FailJob") return {FailureAction::fail_job, i};
    return {action == "Ignore" ? FailureAction::ignore : FailureAction::count, i};
  }
  return {};
}

}  // namespace lotse::local
