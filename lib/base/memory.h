#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace lotse::base {

/// Bytes that this process may still take: what the machine has available, and what every memory
/// limit around it leaves (a pod's; cgroup versions 1 and 2). Cached pages of files that the kernel
/// can drop at once count as free. The folders are others in tests alone.
int64_t memory_left(const std::filesystem::path& proc = "/proc",
                    const std::filesystem::path& cgroups = "/sys/fs/cgroup");

/// "812 MB", "5.1 GB": decimal.
std::string bytes_in_words(int64_t bytes);

}  // namespace lotse::base
