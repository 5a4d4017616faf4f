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

/// What is to be equal on both sides; a folder comes before what is in it.
using Manifest = std::vector<Entry>;

uint64_t bytes_of(const Manifest& manifest);

/// A line that says how many entries follow, then a JSON line each.
void write_manifest(const Manifest& manifest, Pipe& pipe);
/// Throws Error(invalid) for a path that is unsafe or comes twice, a folder behind what is in it, a
/// checksum that is none.
Manifest read_manifest(LineReader& lines);

/// The receiver's answer: the places in the manifest of the files that it wants.
void write_wanted(const std::vector<std::size_t>& wanted, Pipe& pipe);
/// Ascending, each the place of a file; else Error(invalid).
std::vector<std::size_t> read_wanted(LineReader& lines, const Manifest& manifest);

}  // namespace lotse::transfer
