#include "local/usage.h"

#include <unistd.h>

#include <optional>

#include "base/interrupt.h"
#include "base/strings.h"
#include "local/files.h"

namespace lotse::local {

namespace {

/// Of a process, since it was started.
struct Seen {
  int64_t ticks = 0;  ///< of CPU
  int64_t pages = 0;  ///< resident
};

/// Fields 14, 15 and 24 of /proc/ID/stat (proc_pid_stat(5)); nothing if it has ended.
std::optional<Seen> look_at(pid_t id) {
  const auto fields = stat_fields(id);
  constexpr size_t user = 11, system = 12, resident = 21;
  if (fields.size() <= resident) return std::nullopt;
  return Seen{std::stoll(fields[user]) + std::stoll(fields[system]), std::stoll(fields[resident])};
}

}  // namespace

std::map<std::string, Usage> usage_of(const std::vector<std::string>& pods,
                                      std::chrono::milliseconds sample) {
  using Clock = std::chrono::steady_clock;
  std::map<std::string, Usage> usages;
  if (pods.empty()) return usages;
  const auto processes = processes_of(pods);
  std::map<pid_t, Seen> before;
  const auto start = Clock::now();
  for (const auto& [id, pod] : processes)
    if (const auto seen = look_at(id)) before[id] = *seen;
  base::wait_interruptible(sample);
  const std::chrono::duration<double> passed = Clock::now() - start;
  const double a_second = 1000.0 / static_cast<double>(::sysconf(_SC_CLK_TCK)) / passed.count();
  for (const auto& [id, pod] : processes) {
    const auto now = look_at(id);
    if (!now || !before.contains(id)) continue;
    auto& usage = usages[pod];
    usage.cpu_milliseconds_a_second +=
        static_cast<int64_t>(static_cast<double>(now->ticks - before[id].ticks) * a_second);
    usage.memory_bytes += now->pages * ::sysconf(_SC_PAGESIZE);
  }
  return usages;
}

}  // namespace lotse::local
