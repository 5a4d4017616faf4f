#pragma once
#include <string_view>

#include "archive/compress.h"

// Inside this room only: libarchive's writer and entry as C++ objects.

struct archive;
struct archive_entry;

namespace lotse::archive {

/// Throws Error(failed) with libarchive's message unless `result` says that all is well.
void check(::archive* handle, int result);

/// An archive being written into a Sink. An exception of the sink is passed on. What is abandoned
/// before `close` writes nothing more.
class Writer {
 public:
  explicit Writer(Sink out);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  ::archive* handle() const { return handle_; }
  void open();  ///< after format and filters are set
  void data(std::string_view bytes);
  void close();

 private:
  Sink out_;
  ::archive* handle_;
};

class Entry {
 public:
  Entry();
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ::archive_entry* get() const { return entry_; }

 private:
  ::archive_entry* entry_;
};

}  // namespace lotse::archive
