#include "archive/libarchive.h"

#include <cerrno>
#include <exception>
#include <new>

#include "base/error.h"

namespace lotse::archive {

namespace {

/// An exception must not pass through C code, so one of the sink becomes an error of libarchive.
la_ssize_t pass_on(::archive* handle, void* sink, const void* bytes, size_t size) {
  try {
    (*static_cast<Sink*>(sink))({static_cast<const char*>(bytes), size});
    return static_cast<la_ssize_t>(size);
  } catch (const std::exception& error) {
    libarchive().set_error(handle, EIO, "%s", error.what());
    return -1;
  }
}

}  // namespace

void check(::archive* handle, int result) {
  if (result == ARCHIVE_OK) return;
  const char* why = libarchive().error_string(handle);
  throw base::Error(base::ErrorKind::failed, why != nullptr ? why : "libarchive failed");
}

Writer::Writer(Sink out) : out_(std::move(out)), handle_(libarchive().write_new()) {
  if (handle_ == nullptr) throw std::bad_alloc();
  libarchive().write_set_bytes_per_block(handle_, 1 << 18);
  libarchive().write_set_bytes_in_last_block(handle_, 1);  // no padding to a tape's block
}

Writer::~Writer() {
  if (handle_ == nullptr) return;
  libarchive().write_fail(handle_);
  libarchive().write_free(handle_);
}

void Writer::open() {
  check(handle_, libarchive().write_open(handle_, &out_, nullptr, pass_on, nullptr));
}

void Writer::data(std::string_view bytes) {
  while (!bytes.empty()) {
    const la_ssize_t written = libarchive().write_data(handle_, bytes.data(), bytes.size());
    if (written <= 0) {
      check(handle_, ARCHIVE_FATAL);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void Writer::close() {
  check(handle_, libarchive().write_close(handle_));
}

Entry::Entry() : entry_(libarchive().entry_new()) {
  if (entry_ == nullptr) throw std::bad_alloc();
}

Entry::~Entry() {
  libarchive().entry_free(entry_);
}

}  // namespace lotse::archive
