#include "workload/refusal.h"

#include <map>
#include <regex>

#include "base/strings.h"
#include "object/quantity.h"

namespace lotse::workload {

namespace {

/// "requested: cpu=2,pods=1, used: ..." -> {cpu: 2, pods: 1}, of the list behind `label`.
std::map<std::string, std::string> amounts(const std::string& message, const std::string& label) {
  std::map<std::string, std::string> found;
  const auto begin = message.find(label + ": ");
  if (begin == std::string::npos) return found;
  const auto from = begin + label.size() + 2;
  const auto list = message.substr(from, message.find(", ", from) - from);
  for (const auto& one : base::split(list, ','))
    if (const auto equals = one.find('='); equals != std::string::npos)
      found[one.substr(0, equals)] = one.substr(equals + 1);
  return found;
}

/// A pod that alone asks for more than the quota's hard limit.
bool is_above_the_limit(const std::string& message) {
  const auto limits = amounts(message, "limited");
  for (const auto& [resource, text] : amounts(message, "requested")) {
    const auto limit = limits.find(resource);
    if (limit == limits.end()) continue;
    const auto wanted = object::Quantity::try_parse(text);
    const auto most = object::Quantity::try_parse(limit->second);
    if (wanted && most && *wanted > *most) return true;
  }
  return false;
}

/// What the API server's admission plug-ins say, and whether no waiting cures it.
struct Words {
  const char* words;
  Code code;
  bool impossible;
};

constexpr Words known[] = {
    {"too many requests", "ServerBusy", false},
    {"storage is (re)initializing", "ServerBusy", false},
    {"violates PodSecurity", "PodSecurityRefused", true},
    {" per Container is ", "LimitRangeRefused", true},
    {" per Pod is ", "LimitRangeRefused", true},
    {"limit to request ratio per ", "LimitRangeRefused", true},
    {" is invalid: ", "SpecInvalid", true},
    {"must specify ", "ResourcesMissing", true},
    {"exceeded quota: ", "QuotaUsedUp", false},
    {"error looking up service account", "ServiceAccountMissing", false},
    {"no PriorityClass with name ", "PriorityClassMissing", false},
    {"admission webhook ", "AdmissionRefused", false},
    {"ValidatingAdmissionPolicy ", "AdmissionRefused", false},
};

}  // namespace

Cause refusal_in(const std::string& message) {
  // Every try has another pod's name; without it the same cause has the same words.
  static const std::regex who(R"(^(Error creating: )?(pods? "[^"]*" is (forbidden|invalid): )?)",
                              std::regex::icase);
  const auto evidence = "no pod can be made: " + std::regex_replace(message, who, "");
  if (is_above_the_limit(message)) return {"QuotaTooSmall", {}, evidence, true};
  for (const auto& [words, code, impossible] : known)
    if (message.find(words) != std::string::npos) return {code, {}, evidence, impossible};
  return {"PodRefused", {}, evidence, false};
}

}  // namespace lotse::workload
