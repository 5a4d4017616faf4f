#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::base {

namespace fs = std::filesystem;

namespace {

std::string hint_for(int code) {
  if (code != EACCES && code != EPERM) return "";
  return cat("This process runs as user ", ::getuid(),
             "; in a pod, --run-as-user or the volume's owner changes that.");
}

[[noreturn]] void throw_errno(const std::string& what, const fs::path& path, ErrorKind kind) {
  const int code = errno;
  throw Error(kind, what + " " + path.string() + ": " + std::strerror(code), hint_for(code));
}

/// Of its own for each process that may write the same file now: in pods all are process 1. Who
/// comes in the place of one that was killed takes its file over.
fs::path name_aside(const fs::path& path) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return cat(path.string(), ".partial.", host, ".", ::getpid());
}

ErrorKind kind_of(const std::error_code& code) {
  for (const auto hopeless :
       {std::errc::permission_denied, std::errc::operation_not_permitted,
        std::errc::no_such_file_or_directory, std::errc::not_a_directory, std::errc::is_a_directory,
        std::errc::file_exists, std::errc::read_only_file_system, std::errc::filename_too_long,
        std::errc::too_many_symbolic_link_levels})
    if (code == hopeless) return ErrorKind::invalid;
  return ErrorKind::failed;
}

/// `path` is what messages name: users know nothing of files that are written aside.
Descriptor open_file(const fs::path& path, const fs::path& place, int flags, unsigned mode) {
  Descriptor file(::open(place.c_str(), flags | O_CLOEXEC, mode));
  if (file.get() < 0) throw_errno("cannot write", path, kind_of({errno, std::generic_category()}));
  return file;
}

fs::path xdg(const char* variable, const char* fallback) {
  const char* set = std::getenv(variable);
  if (set != nullptr && *set == '/') return fs::path(set) / "lotse";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/") / fallback / "lotse";
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code unknown;
  if (fs::is_directory(path, unknown))
    throw Error(ErrorKind::invalid, path.string() + " is a folder, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw_errno("cannot read", path, kind_of({errno, std::generic_category()}));
  std::string text;
  char bytes[65536];
  while (file.read(bytes, sizeof bytes) || file.gcount() > 0)
    text.append(bytes, static_cast<size_t>(file.gcount()));
  if (file.bad()) throw_errno("cannot read", path, ErrorKind::failed);
  return text;
}

std::string read_input() {
  std::string text;
  char bytes[65536];
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("cannot read", "standard input", ErrorKind::failed);
    if (count == 0) return text;
    text.append(bytes, static_cast<size_t>(count));
  }
}

std::optional<std::string> read_file_if_there(const fs::path& path) {
  if (!fs::exists(path)) return std::nullopt;
  return read_file(path);
}

void write_all(const Descriptor& file, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("cannot write", path, ErrorKind::failed);
    content.remove_prefix(static_cast<size_t>(written));
  }
}

void flush(const Descriptor& file, const fs::path& path) {
  if (::fsync(file.get()) != 0) throw_errno("cannot flush", path, ErrorKind::failed);
}

void write_file_atomic(const fs::path& path, std::string_view content, unsigned mode) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto aside = name_aside(path);
  try {
    {
      const auto file = open_file(path, aside, O_WRONLY | O_CREAT | O_TRUNC, mode);
      write_all(file, content, path);
      flush(file, path);
    }
    fs::rename(aside, path);
    flush(open_file(folder, folder, O_RDONLY | O_DIRECTORY, 0), folder);
  } catch (const fs::filesystem_error& e) {
    ::unlink(aside.c_str());
    throw Error(kind_of(e.code()), "cannot write " + path.string() + ": " + e.code().message());
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
  }
}

Error to_error(const fs::filesystem_error& error) {
  return {kind_of(error.code()), error.path1().string() + ": " + error.code().message(),
          hint_for(error.code().value())};
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "lotse-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw_errno("cannot make", pattern, ErrorKind::failed);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path config_folder() {
  return xdg("XDG_CONFIG_HOME", ".config");
}
fs::path state_folder() {
  return xdg("XDG_STATE_HOME", ".local/state");
}
fs::path cache_folder() {
  return xdg("XDG_CACHE_HOME", ".cache");
}

}  // namespace lotse::base
