#pragma once
#include <filesystem>
#include <string_view>

#include "base/descriptor.h"

namespace lotse::runner::infer {

/// A file that is written under a name that no other process has, and takes its target's name when
/// enough of it is there. What has not taken it is removed at the end. All throw Error(failed)
/// naming the target.
class AsideFile {
 public:
  /// Beside `target`, or beside another file of the same file system.
  explicit AsideFile(const std::filesystem::path& target) : AsideFile(target, target) {}
  AsideFile(std::filesystem::path target, const std::filesystem::path& beside);
  ~AsideFile();
  AsideFile(const AsideFile&) = delete;
  AsideFile& operator=(const AsideFile&) = delete;

  void write(std::string_view text);
  void flush();  ///< what was written outlives the machine's end
  /// Flushes, and takes the place of what has the target's name. It may be written to further.
  void replace();
  /// Flushes, and takes the target's name unless some file has it: false then.
  bool place();
  /// Whether the target is still this file, and no other process has replaced it.
  bool is_in_place() const;

 private:
  std::filesystem::path target_;
  std::filesystem::path aside_;  ///< empty once it is in place
  base::Descriptor file_;
};

}  // namespace lotse::runner::infer
