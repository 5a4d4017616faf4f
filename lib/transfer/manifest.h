#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "transfer/pipe.h"

namespace lotse::transfer {

struct Entry {
  std::string path;  ///< archive::is_safe_path
  bool folder = false;
  bool executable = false;
  uint64_t size = 0;   ///< bytes of a file
  std::string sha256;  ///< of a file, 64 hexadecimal digits
};

/// The files and folders that are to be equal on both sides; a folder comes before what is in it.
using Manifest = std::vector<Entry>;

uint64_t bytes_of(const Manifest& manifest);

/// Writes a line that says how many entries follow, then a line of JSON for each.
void write_manifest(const Manifest& manifest, Pipe& pipe);
/// Reads a manifest. Throws Error(invalid) for a path that is unsafe or comes twice, a folder that
/// comes after what is in it, and a malformed checksum.
Manifest read_manifest(LineReader& lines);

/// Writes the receiver's answer: the indices in the manifest of the files that it wants.
void write_wanted(const std::vector<std::size_t>& wanted, Pipe& pipe);
/// Reads that answer. Throws Error(invalid) unless the indices ascend and each is that of a file.
std::vector<std::size_t> read_wanted(LineReader& lines, const Manifest& manifest);

}  // namespace lotse::transfer
