#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace lotse::runner::task {

/// How decoded pictures are kept. What is kept changes how long it takes, never what is read.
struct Keeping {
  /// "auto": in memory if all fit; "ram": those that fit; "disk", "no".
  std::string cache = "auto";
  std::filesystem::path folder;  ///< of "disk"
  int64_t recent = 0;            ///< so many that were decoded latest stay in memory in any case
  /// Bytes for them; -1: of what base::memory_left() says half for "ram", else a quarter: training
  /// itself takes the most. The processes of a pod share it.
  int64_t memory = -1;
};

/// Bytes that this process may keep pictures in.
int64_t memory_for(const Keeping& keeping);

/// Where a set's pictures are once they are loaded.
struct KeptCount {
  int64_t all = 0, in_memory = 0;
  int64_t bytes = 0;             ///< of those in memory
  std::filesystem::path folder;  ///< of those on disk, "" without
  int64_t unwritten = 0;         ///< that the folder did not take

  /// "in memory (12 MB)", "on disk in FOLDER", "decoded when needed".
  std::string in_words() const;
  /// What of the wish to keep them could not be, or "".
  std::string problem(const Keeping& keeping) const;
};

}  // namespace lotse::runner::task
