#include "runner/infer/aside_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::runner::infer {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& target) {
  const int code = errno;
  throw base::Error(base::ErrorKind::failed,
                    base::cat("cannot write ", target.string(), ": ", std::strerror(code)));
}

}  // namespace

AsideFile::AsideFile(fs::path target, const fs::path& beside) : target_(std::move(target)) {
  std::string name = beside.string() + ".partial.XXXXXX";
  file_ = base::Descriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (file_.get() < 0) fail(target_);
  aside_ = name;
  ::fchmod(file_.get(), 0644);  // mkostemp lets nobody else read it
}

AsideFile::~AsideFile() {
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

void AsideFile::write(std::string_view text) {
  base::write_all(file_, text, target_);
}

void AsideFile::flush() {
  base::flush(file_, target_);
}

void AsideFile::replace() {
  flush();
  if (::rename(aside_.c_str(), target_.c_str()) != 0) fail(target_);
  aside_.clear();
  const base::Descriptor folder(
      ::open(target_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) fail(target_);
  base::flush(folder, target_.parent_path());
}

bool AsideFile::place() {
  flush();
  if (::link(aside_.c_str(), target_.c_str()) == 0) return true;
  if (errno != EEXIST) fail(target_);
  return false;
}

bool AsideFile::is_in_place() const {
  struct stat own = {}, there = {};
  return ::fstat(file_.get(), &own) == 0 && ::stat(target_.c_str(), &there) == 0 &&
         own.st_ino == there.st_ino && own.st_dev == there.st_dev;
}

}  // namespace lotse::runner::infer
