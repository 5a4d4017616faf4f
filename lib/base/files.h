#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace lotse::base {

/// The whole file. Throws Error(invalid) naming the path if it cannot be read, Error(failed) if the
/// disk is to blame.
std::string read_file(const std::filesystem::path& path);

/// All of standard input. Throws Error(failed) if it cannot be read.
std::string read_input();

/// The whole file, or nothing if there is none. Other failures throw.
std::optional<std::string> read_file_if_there(const std::filesystem::path& path);

/// Writes a temporary file beside `path`, flushes it (fsync of file and folder) and renames it over
/// `path`: a reader, or whoever looks after a crash, sees the old content or the new, never a
/// mixture. `mode` is the new file's permission bits.
void write_file_atomic(const std::filesystem::path& path, std::string_view content,
                       unsigned mode = 0644);

/// Writes all of it; brings to the disk what was written. `path` is what an Error(failed) names.
void write_all(const Descriptor& file, std::string_view content, const std::filesystem::path& path);
void flush(const Descriptor& file, const std::filesystem::path& path);

/// What a failure of the file system means to a user: "PATH: No such file or directory". A file
/// that is not there or not allowed will not be on the next try either (invalid); a full or broken
/// disk is another matter (failed).
Error to_error(const std::filesystem::filesystem_error& error);

/// A fresh folder under the system's temporary folder, removed with all it holds at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Where the user's own files lie, by the XDG Base Directory Specification: "$XDG_CONFIG_HOME" or
/// "~/.config", "$XDG_STATE_HOME" or "~/.local/state", "$XDG_CACHE_HOME" or "~/.cache", each +
/// "/lotse".
std::filesystem::path config_folder();
std::filesystem::path state_folder();
std::filesystem::path cache_folder();

}  // namespace lotse::base
