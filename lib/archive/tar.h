#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "archive/compress.h"

namespace lotse::archive {

/// Writes a tar stream (POSIX ustar, with pax headers only where a path or a size needs them) whose
/// bytes depend on nothing but what is added and in which order: the owner is 0:0 without names,
/// the time 0. A path is relative to the archive's root, without a leading "/".
class TarWriter {
 public:
  explicit TarWriter(Sink out);
  ~TarWriter();
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;

  void add_folder(const std::string& path, unsigned mode);
  void add_text(const std::string& path, unsigned mode, std::string_view content);
  /// Copies `source` piece by piece. Throws Error(invalid) if it cannot be read, or ends before the
  /// size that it had at the start.
  void add_file(const std::string& path, unsigned mode, const std::filesystem::path& source);
  /// Writes the end mark. Call it once, at the end; without it the archive stays incomplete.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lotse::archive
