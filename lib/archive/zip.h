#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lotse::archive {

/// One entry of a zip file, its bytes as they lie there.
struct ZipEntry {
  std::string name;
  std::string_view bytes;
};

/// The entries of a zip file (PKWARE APPNOTE 6.3, with zip64) that are stored, not compressed, as
/// the central directory lists them. `file` is the whole file and must outlive the result. Throws
/// Error(invalid), with the byte offset, for: a cut or damaged directory, an entry that is
/// compressed or encrypted, entries that overlap or leave the file, two entries of one name, and a
/// name that is empty, absolute, or has "..", a backslash or a NUL. No checksum is computed.
std::vector<ZipEntry> read_stored_zip(std::string_view file);

}  // namespace lotse::archive
