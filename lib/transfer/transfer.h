#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "transfer/pipe.h"

/// Files from a folder on one side to a folder on the other, over two streams of bytes:
///   sender    a manifest: path, size and SHA-256 of every file
///   receiver  which of them it wants: those that it does not have with that size and checksum
///   sender    a tar stream of those
///   receiver  {"received": N}, once each was found equal to its checksum and put in its place
/// So a transfer that was cut off, run again, sends only the files that are still missing.
namespace lotse::transfer {

struct Progress {
  enum class Phase { check, send };
  Phase phase = Phase::check;  ///< checksums are computed, or bytes are on their way
  uint64_t done = 0;           ///< bytes
  uint64_t total = 0;
};
using ProgressSink = std::function<void(const Progress&)>;

struct Result {
  uint64_t files = 0;  ///< of the manifest
  uint64_t bytes = 0;
  uint64_t sent_files = 0;  ///< those that were not there already
  uint64_t sent_bytes = 0;
};

/// Sends what is at `inside` below `base`: all that is in a folder, or one file. Throws
/// Error(invalid) if it is not there, or holds links, devices or pipes, or changes meanwhile.
Result send(const std::filesystem::path& base, const std::string& inside, Pipe& pipe,
            const ProgressSink& progress);

/// Receives into `inside` below `base`, made if it is missing. What lies there and is not in the
/// manifest stays. Throws Error(invalid) for unsafe paths, links on the way, anything but files and
/// folders, and Error(failed) for content that is not what its checksum says.
Result receive(const std::filesystem::path& base, const std::string& inside, Pipe& pipe,
               const ProgressSink& progress);

}  // namespace lotse::transfer
