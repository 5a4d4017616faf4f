#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "image/dlopened.h"

namespace lotse::image {

/// A library that a program loads.
struct Library {
  std::string name;            ///< as it is asked for: the name under which it must be found
  std::filesystem::path file;  ///< where it was found
  std::string relative;        ///< if it was asked for relative to its loader: that path, else ""
  bool of_system = false;      ///< found in the system's folders, not by a run path
};

struct Closure {
  std::filesystem::path interpreter;  ///< the loader itself, as the program names it; may be empty
  std::vector<Library> libraries;     ///< in the order in which they are loaded
};

struct SearchFolders {
  std::vector<std::filesystem::path> given;  ///< searched where LD_LIBRARY_PATH would be
  std::vector<std::filesystem::path>
      system;  ///< searched where ld.so.cache and the default folders would be
};

/// The folders of ld.so.conf (with its includes), then the loader's own for x86-64.
std::vector<std::filesystem::path> system_folders(
    const std::filesystem::path& ld_so_conf = "/etc/ld.so.conf");

/// What the program loads, directly and through its libraries, breadth first and with the search
/// order of ld.so(8): run paths of type RPATH up the chain of loaders, `given`, RUNPATH, `system`.
/// A library is taken once, by name or SONAME. Variants for newer processors (glibc-hwcaps) are
/// not taken: the image must run on any node. The driver's libraries are left out.
/// Throws Error(invalid) with a diagnostic for each library that is not found or broken.
Closure find_closure(const std::filesystem::path& program, const std::vector<Dlopened>& dlopened,
                     const SearchFolders& folders);

}  // namespace lotse::image
