#include "workload/cause.h"

#include <algorithm>
#include <map>
#include <set>

namespace lotse::workload {

std::string advice_for(const Cause& cause, const std::string& workload) {
  std::string advice(cause.code.kind().advice);
  constexpr std::string_view name = "NAME";
  if (const auto at = advice.find(name); at != std::string::npos)
    advice.replace(at, name.size(), workload);
  return advice;
}

std::vector<Cause> ranked(std::vector<Cause> causes) {
  struct Merged {
    Cause cause;
    std::set<std::string> named;
  };
  std::vector<Merged> merged;
  std::map<std::pair<Code, std::string>, size_t> places;
  for (auto& cause : causes) {
    if (!cause) continue;
    const auto [place, is_new] =
        places.emplace(std::pair(cause.code, cause.evidence), merged.size());
    if (is_new) merged.push_back({{cause.code, {}, cause.evidence}, {}});
    auto& [into, named] = merged[place->second];
    into.impossible = into.impossible || cause.impossible;
    for (auto& object : cause.objects)
      if (named.insert(object).second) into.objects.push_back(std::move(object));
  }
  std::vector<Cause> result;
  for (auto& each : merged) result.push_back(std::move(each.cause));
  std::stable_sort(result.begin(), result.end(),
                   [](const Cause& a, const Cause& b) { return a.code < b.code; });
  return result;
}

json to_json(const Cause& cause, const std::string& workload) {
  return {{"code", cause.code.kind().code},
          {"objects", cause.objects},
          {"evidence", cause.evidence},
          {"advice", advice_for(cause, workload)},
          {"impossible", cause.impossible}};
}

}  // namespace lotse::workload
