#include "runner/val/gate.h"

#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"

namespace lotse::runner::val {

using base::cat;

std::vector<Limit> read_limits(const contract::ValOptions& options,
                               const std::vector<std::string>& metrics) {
  base::Diagnostics problems;
  const auto known = cat("These are measured: ", base::join(metrics, ", "), ".");
  const auto check_metric = [&](const char* flag, const std::string& name) {
    if (std::find(metrics.begin(), metrics.end(), name) == metrics.end())
      problems.push_back({flag, cat("there is no metric '", name, "'"), known});
  };
  std::vector<Limit> limits;
  for (const auto& text : options.at_least) {
    const auto equals = text.find('=');
    const auto value =
        equals == std::string::npos ? std::nullopt : base::to_number(text.substr(equals + 1));
    if (!value) {
      problems.push_back({"--at-least", cat("'", text, "' is not METRIC=X"), known});
      continue;
    }
    limits.push_back({text.substr(0, equals), *value, "--at-least " + text});
    check_metric("--at-least", limits.back().metric);
  }
  if (!options.metric.empty()) check_metric("--metric", options.metric);
  base::throw_if_any(std::move(problems));
  return limits;
}

Standing standing(const Limit& limit, const Metrics& metrics) {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const auto& one) { return one.first == limit.metric; });
  const bool known = found != metrics.end(), reached = known && found->second >= limit.value;
  return {reached, cat(limit.metric, " is ", known ? base::fixed(found->second, 4) : "unknown",
                       reached ? ", at least " : ", below ", limit.value, " (", limit.from, ")")};
}

}  // namespace lotse::runner::val
