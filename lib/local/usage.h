#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lotse::local {

/// What the processes of one pod use.
struct Usage {
  int64_t cpu_milliseconds_a_second = 0;  ///< thousandths of a core
  int64_t memory_bytes = 0;               ///< resident; what processes share counts for each
};

/// By the names of those pods that have processes on this machine; CPU over the time `sample`,
/// which it takes, or less if the user interrupts.
std::map<std::string, Usage> usage_of(const std::vector<std::string>& pods,
                                      std::chrono::milliseconds sample);

}  // namespace lotse::local
