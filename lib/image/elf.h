#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lotse::image {

/// What the headers of a program or library say about what it loads (System V ABI, chapters 4, 5).
struct Elf {
  std::string interpreter;           ///< PT_INTERP: the loader; "" for a library
  std::string soname;                ///< DT_SONAME, or ""
  std::vector<std::string> needed;   ///< DT_NEEDED, in order
  std::vector<std::string> rpath;    ///< DT_RPATH, split; empty where there is a DT_RUNPATH
  std::vector<std::string> runpath;  ///< DT_RUNPATH, split
  bool has_runpath = false;
};

/// Whether a file is an ELF file for something else than Linux x86-64: the loader skips such a
/// library and searches on. False for what is no ELF file at all.
bool is_foreign(const std::filesystem::path& file);

/// Reads the headers, never the whole file; nothing in it is trusted. Throws Error(invalid) naming
/// the file if it is not an ELF file for x86-64, or if its headers point outside of it.
Elf read_elf(const std::filesystem::path& file);

}  // namespace lotse::image
