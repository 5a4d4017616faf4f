#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/strings.h"

namespace lotse::base {

namespace fs = std::filesystem;

namespace {

constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();

/// The number behind `key` at the beginning of a line: "inactive_file 4096", "MemAvailable: 12 kB".
std::optional<int64_t> number_behind(const fs::path& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word, rest; file >> word; std::getline(file, rest))
    if (int64_t value = 0; word == key && file >> value) return value;
  return {};
}

/// The number that a file holds; nothing for "max" and where there is no such file.
std::optional<int64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  int64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;
}

/// How the two versions of cgroups call the same things.
struct Names {
  const char *limit, *usage, *droppable;
};
constexpr Names version1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                            "total_inactive_file"},
                version2 = {"memory.max", "memory.current", "inactive_file"};

int64_t left_in(const fs::path& folder, const Names& names) {
  const auto limit = number_in(folder / names.limit), usage = number_in(folder / names.usage);
  if (!limit || !usage) return unlimited;
  const auto droppable = number_behind(folder / "memory.stat", names.droppable).value_or(0);
  return std::max<int64_t>(0, *limit - (*usage - std::min(*usage, droppable)));
}

/// The least that a group and those around it leave. In a container the path is the host's or "/",
/// and what is mounted may be the group itself: levels that are not there limit nothing.
int64_t left_around(const fs::path& mounted, const fs::path& group, const Names& names) {
  auto left = left_in(mounted, names);
  auto level = mounted;
  for (const auto& part : group.relative_path()) {
    level /= part;
    left = std::min(left, left_in(level, names));
  }
  return left;
}

}  // namespace

int64_t memory_left(const fs::path& proc, const fs::path& cgroups) {
  auto left = unlimited;
  if (const auto available = number_behind(proc / "meminfo", "MemAvailable:"))
    left = *available * 1024;
  std::ifstream groups(proc / "self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) {
      for (const auto& mounted : {cgroups, cgroups / "unified"})
        left = std::min(left, left_around(mounted, group, version2));
    } else if (const auto all = split(controllers, ',');
               std::find(all.begin(), all.end(), "memory") != all.end()) {
      left = std::min(left, left_around(cgroups / "memory", group, version1));
    }
  }
  return left;
}

std::string bytes_in_words(int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value < 999.5e6) return fixed(value / 1e6, 0) + " MB";
  return fixed(value / 1e9, 1) + " GB";
}

}  // namespace lotse::base
