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

bool is_impossible(const std::string& message) {
  for (const char* words : {"violates PodSecurity", " per Container is ", " per Pod is ",
                            "limit to request ratio per ", " is invalid: ", "must specify "})
    if (message.find(words) != std::string::npos) return true;
  return is_above_the_limit(message);
}

}  // namespace

Refusal refusal_in(const std::string& message) {
  // Every try has another pod's name; without it the same cause has the same words.
  static const std::regex who(R"(^(Error creating: )?(pods? "[^"]*" is (forbidden|invalid): )?)",
                              std::regex::icase);
  return {"no pod can be made: " + std::regex_replace(message, who, ""), is_impossible(message)};
}

}  // namespace lotse::workload
