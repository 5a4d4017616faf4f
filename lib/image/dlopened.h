#pragma once
#include <string>
#include <vector>

namespace lotse::image {

/// A library that no ELF header names, because it is loaded by dlopen.
struct Dlopened {
  std::string by;     ///< file name of what loads it: the search starts from there
  std::string name;   ///< as given to dlopen; with a "/": a path relative to the folder of `by`
  bool cuda = false;  ///< only in images with CUDA
};

/// What lotse-runner and libtorch load by dlopen and cannot do without. Whoever changes what they
/// load changes this list too.
const std::vector<Dlopened>& dlopened_by_runner();

/// What `lotse` loads (base/library.h) to speak to a server. What it needs to read and write
/// archives is left out: it is four times the size of the rest, and no pod's business.
const std::vector<Dlopened>& dlopened_by_client();

/// Libraries of the GPU's driver: the container runtime of the node brings them, in its own
/// version.
bool is_of_driver(const std::string& name);

}  // namespace lotse::image
