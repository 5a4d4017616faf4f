#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "archive/compress.h"

namespace lotse::archive {

/// Writes a POSIX ustar stream (IEEE 1003.1-2008, pax) whose bytes depend on nothing but what is
/// added, in the order in which it is: owner 0:0 without names, time 0. A path is relative to the
/// archive's root, without a leading "/"; longer than 255 bytes, or a file of 8 GiB and more: Error.
class TarWriter {
 public:
  explicit TarWriter(Sink out) : out_(std::move(out)) {}

  void add_folder(const std::string& path, unsigned mode);
  void add_text(const std::string& path, unsigned mode, std::string_view content);
  /// Copies `source` piece by piece. Throws Error(invalid) if it cannot be read or changes its size.
  void add_file(const std::string& path, unsigned mode, const std::filesystem::path& source);
  /// The two empty blocks at the end. Once, last.
  void finish();

 private:
  void header(const std::string& path, unsigned mode, std::uint64_t size, char type);
  void pad(std::uint64_t size);

  Sink out_;
};

}  // namespace lotse::archive
