#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lotse::archive {

/// One entry of a zip file.
struct ZipEntry {
  std::string name;
  std::string_view bytes;  ///< as they lie there
  std::uint64_t size = 0;  ///< of the content, as the directory says it
  bool deflated = false;   ///< else `bytes` are the content
};

/// The entries of a zip file (PKWARE APPNOTE 6.3, with zip64) that are stored or deflated, as the
/// central directory lists them. `file` is the whole file and must outlive the result. Throws
/// Error(invalid), with the byte offset, for: a cut or damaged directory, an entry that is
/// encrypted or compressed in another way, entries that overlap or leave the file, two entries of
/// one name, and a name that is empty, absolute, or has "..", a backslash or a NUL. No checksum is
/// computed.
std::vector<ZipEntry> read_zip(std::string_view file);

/// The same, and refuses an entry that is compressed.
std::vector<ZipEntry> read_stored_zip(std::string_view file);

/// What the entry holds. Throws Error(invalid) if that is more than `most` bytes, or other than the
/// directory says.
std::string content_of(const ZipEntry& entry, std::uint64_t most);

/// A zip file of these entries, stored, without times. Throws Error(invalid) for what needs zip64.
std::string write_stored_zip(const std::vector<std::pair<std::string, std::string_view>>& entries);

}  // namespace lotse::archive
