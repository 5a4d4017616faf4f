#pragma once
#include <string>
#include <utility>
#include <vector>

#include "contract/options.h"

/// Is a model good enough? What a CI job asks.
namespace lotse::runner::val {

using Metrics = std::vector<std::pair<std::string, double>>;

struct Limit {
  std::string metric;
  double value = 0;
  std::string from;  ///< the flag that set it: "--at-least map50=0.9"
};

/// What --at-least demands, and the metric of --not-below checked. Throws Error(invalid), naming
/// the metrics there are, for one that is not, or for text that is not METRIC=X.
std::vector<Limit> read_limits(const contract::ValOptions& options,
                               const std::vector<std::string>& metrics);

struct Standing {
  bool reached = false;
  std::string text;  ///< "map50 is 0.8812, below 0.9 (--at-least map50=0.9)"
};

/// How a model stands to a limit. A metric that is no number reaches nothing.
Standing standing(const Limit& limit, const Metrics& metrics);

}  // namespace lotse::runner::val
