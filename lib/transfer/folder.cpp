#include "transfer/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "archive/tar_stream.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "crypto/digest.h"

namespace lotse::transfer {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view unfinished = ".lotse-partial-";
constexpr std::size_t piece = 1 << 20;
constexpr int as_folder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  const auto kind = errno == ENOSPC || errno == EDQUOT || errno == EIO ? base::ErrorKind::failed
                                                                       : base::ErrorKind::invalid;
  const std::string why = std::strerror(errno);
  throw base::Error(kind, "cannot " + what + " " + path + ": " + why);
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw base::Error({{path, why, ""}});
}

/// Opens the folder `name` within another one without following a link; with `make` it is made
/// first if it is missing.
Descriptor step_into(int at, const std::string& name, bool make, const std::string& shown) {
  constexpr mode_t usual = 0755;
  if (make && ::mkdirat(at, name.c_str(), usual) != 0 && errno != EEXIST) fail("make", shown);
  const int fd = ::openat(at, name.c_str(), as_folder);
  if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
    refuse(shown, "is not a folder, or only a symbolic link to one");
  if (fd < 0) fail("open", shown);
  return Descriptor(fd);
}

const char* kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return S_ISSOCK(mode) ? "a socket" : "a pipe";
}

std::vector<std::string> names_in(int folder, const std::string& shown) {
  const int copy = ::openat(folder, ".", as_folder);
  struct Close {
    void operator()(DIR* open) const { ::closedir(open); }
  };
  const std::unique_ptr<DIR, Close> listing(::fdopendir(copy));
  if (!listing) fail("list", shown);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !name.starts_with(unfinished)) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// One walk over a folder.
class Scan {
 public:
  void folder(int at, const std::string& prefix) {
    base::throw_if_interrupted();
    for (const auto& name : names_in(at, prefix)) one(at, name, prefix);
  }

  void one(int at, const std::string& name, const std::string& prefix) {
    const std::string path = prefix + name;
    struct stat about = {};
    if (::fstatat(at, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) fail("look at", path);
    if (S_ISDIR(about.st_mode)) {
      manifest_.push_back({path, true, false, 0, ""});
      folder(step_into(at, name, false, path).get(), path + "/");
    } else if (S_ISREG(about.st_mode)) {
      manifest_.push_back(
          {path, false, (about.st_mode & S_IXUSR) != 0, static_cast<uint64_t>(about.st_size), ""});
    } else {
      mistakes_.push_back(
          {path, std::string("is ") + kind_of(about.st_mode),
           "only files and folders are copied; `cp -rL` makes a copy without links"});
    }
  }

  Manifest finish() {
    base::throw_if_any(std::move(mistakes_));
    return std::move(manifest_);
  }

 private:
  Manifest manifest_;
  base::Diagnostics mistakes_;
};

}  // namespace

Folder::Folder(const fs::path& base, const std::string& inside, bool make)
    : shown_((base / inside).string()) {
  std::error_code failure;
  if (make) fs::create_directories(base, failure);
  root_ = Descriptor(::open(base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root_.get() < 0) fail("open", base.string());
  if (inside.empty()) return;
  if (!archive::is_safe_path(inside)) refuse(inside, "is not a path below the folder");
  std::string way = base.string();
  for (const auto& part : base::split(inside, '/')) {
    way += "/" + part;
    root_ = step_into(root_.get(), part, make, way);
  }
}

Descriptor Folder::parent_of(const std::string& path, std::string& name) const {
  auto parts = base::split(path, '/');
  name = parts.back();
  parts.pop_back();
  Descriptor at(::openat(root_.get(), ".", as_folder));
  for (const auto& part : parts) at = step_into(at.get(), part, false, path);
  return at;
}

Manifest Folder::scan(const std::string& name) const {
  Scan scan;
  if (name.empty())
    scan.folder(root_.get(), "");
  else
    scan.one(root_.get(), name, "");
  return scan.finish();
}

bool Folder::has_folder(const std::string& name) const {
  struct stat about = {};
  if (::fstatat(root_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0)
    fail("find", (fs::path(shown_) / name).string());
  if (!S_ISDIR(about.st_mode) && !S_ISREG(about.st_mode))
    refuse(name, std::string("is ") + kind_of(about.st_mode));
  return S_ISDIR(about.st_mode);
}

std::optional<uint64_t> Folder::size_of(const std::string& path) const {
  std::string name;
  const auto parent = parent_of(path, name);
  struct stat about = {};
  if (::fstatat(parent.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    fail("look at", path);
  }
  if (S_ISREG(about.st_mode)) return static_cast<uint64_t>(about.st_size);
  refuse(path, S_ISDIR(about.st_mode) ? "is a folder here"
                                      : std::string("is ") + kind_of(about.st_mode) + " here");
}

Descriptor Folder::open_file(const std::string& path) const {
  std::string name;
  const auto parent = parent_of(path, name);
  Descriptor file(
      ::openat(parent.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat about = {};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) fail("open", path);
  if (!S_ISREG(about.st_mode)) refuse(path, "is no longer a file");
  return file;
}

void Folder::read(const std::string& path, const Bytes& sink) const {
  const auto file = open_file(path);
  std::vector<char> buffer(piece);
  for (;;) {
    base::throw_if_interrupted();
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path);
    if (count == 0) return;
    sink({buffer.data(), static_cast<std::size_t>(count)});
  }
}

std::string Folder::sha256_of(const std::string& path, const Bytes& progress) const {
  crypto::Sha256 digest;
  read(path, [&](std::string_view bytes) {
    digest.update(bytes);
    progress(bytes);
  });
  return digest.hex();
}

void Folder::make_folder(const std::string& path) const {
  std::string name;
  const auto parent = parent_of(path, name);
  step_into(parent.get(), name, true, path);
}

void Folder::make_executable(const std::string& path, bool executable) const {
  const auto file = open_file(path);
  struct stat about = {};
  if (::fstat(file.get(), &about) != 0) fail("look at", path);
  if (((about.st_mode & S_IXUSR) != 0) == executable) return;
  if (::fchmod(file.get(), executable ? 0755 : 0644) != 0) fail("change the mode of", path);
}

void Folder::flush() const {
  if (::syncfs(root_.get()) != 0) fail("flush", shown_);
}

Folder::NewFile::NewFile(const Folder& folder, const std::string& path)
    : path_(path), parent_(folder.parent_of(path, name_)) {
  constexpr std::size_t enough = 16;
  aside_ = std::string(unfinished) + crypto::sha256(name_).substr(0, enough);
  ::unlinkat(parent_.get(), aside_.c_str(), 0);  // a transfer that was killed may have left one
  file_ = Descriptor(::openat(parent_.get(), aside_.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file_.get() < 0) fail("make", path_);
}

Folder::NewFile::~NewFile() {
  if (!kept_) ::unlinkat(parent_.get(), aside_.c_str(), 0);
}

void Folder::NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail("write", path_);
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Folder::NewFile::keep(bool executable) {
  if (executable && ::fchmod(file_.get(), 0755) != 0) fail("change the mode of", path_);
  if (::renameat(parent_.get(), aside_.c_str(), parent_.get(), name_.c_str()) != 0)
    fail("put in place", path_);
  kept_ = true;
}

}  // namespace lotse::transfer
