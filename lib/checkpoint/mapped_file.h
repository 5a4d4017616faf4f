#pragma once
#include <filesystem>
#include <memory>
#include <string_view>

namespace lotse::checkpoint {

/// A file in memory without reading it: pages come when they are touched.
class MappedFile {
 public:
  /// Throws Error(invalid) naming the file if it cannot be read.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace lotse::checkpoint
