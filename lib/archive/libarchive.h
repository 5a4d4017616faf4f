#pragma once
#include <archive.h>
#include <archive_entry.h>

#include <string_view>

#include "archive/compress.h"
#include "base/library.h"

// Inside this room only: libarchive's writer and entry as C++ objects. The library is loaded by the
// first of them and not by the program's start: it brings libxml2 and ICU along, for an archive
// that most commands do not write.

namespace lotse::archive {

struct LibArchive {
  base::Library library{"libarchive.so.13", "libarchive13"};
  decltype(&::archive_entry_free) entry_free = library["archive_entry_free"];
  decltype(&::archive_entry_new) entry_new = library["archive_entry_new"];
  decltype(&::archive_entry_set_filetype) entry_set_filetype =
      library["archive_entry_set_filetype"];
  decltype(&::archive_entry_set_mtime) entry_set_mtime = library["archive_entry_set_mtime"];
  decltype(&::archive_entry_set_pathname) entry_set_pathname =
      library["archive_entry_set_pathname"];
  decltype(&::archive_entry_set_perm) entry_set_perm = library["archive_entry_set_perm"];
  decltype(&::archive_entry_set_size) entry_set_size = library["archive_entry_set_size"];
  decltype(&::archive_error_string) error_string = library["archive_error_string"];
  decltype(&::archive_set_error) set_error = library["archive_set_error"];
  decltype(&::archive_write_add_filter_gzip) write_add_filter_gzip =
      library["archive_write_add_filter_gzip"];
  decltype(&::archive_write_add_filter_none) write_add_filter_none =
      library["archive_write_add_filter_none"];
  decltype(&::archive_write_close) write_close = library["archive_write_close"];
  decltype(&::archive_write_data) write_data = library["archive_write_data"];
  decltype(&::archive_write_fail) write_fail = library["archive_write_fail"];
  decltype(&::archive_write_free) write_free = library["archive_write_free"];
  decltype(&::archive_write_header) write_header = library["archive_write_header"];
  decltype(&::archive_write_new) write_new = library["archive_write_new"];
  decltype(&::archive_write_open) write_open = library["archive_write_open"];
  decltype(&::archive_write_set_bytes_in_last_block) write_set_bytes_in_last_block =
      library["archive_write_set_bytes_in_last_block"];
  decltype(&::archive_write_set_bytes_per_block) write_set_bytes_per_block =
      library["archive_write_set_bytes_per_block"];
  decltype(&::archive_write_set_filter_option) write_set_filter_option =
      library["archive_write_set_filter_option"];
  decltype(&::archive_write_set_format_pax_restricted) write_set_format_pax_restricted =
      library["archive_write_set_format_pax_restricted"];
  decltype(&::archive_write_set_format_raw) write_set_format_raw =
      library["archive_write_set_format_raw"];
  decltype(&::archive_zlib_version) zlib_version = library["archive_zlib_version"];
};

inline const LibArchive& libarchive() {
  static const LibArchive loaded;
  return loaded;
}

/// Throws Error(failed) with libarchive's message unless `result` says that all is well.
void check(::archive* handle, int result);

/// An archive that is being written into a Sink. An exception of the sink is passed on. An archive
/// that is destroyed before `close` writes nothing more.
class Writer {
 public:
  explicit Writer(Sink out);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  ::archive* handle() const { return handle_; }
  void open();  ///< call it when format and filters are set
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
