#include "base/library.h"

#include <dlfcn.h>

#include "base/error.h"

namespace lotse::base {

Library::Library(std::string soname, const std::string& package)
    : soname_(std::move(soname)), handle_(::dlopen(soname_.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
  if (handle_ == nullptr)
    throw Error(ErrorKind::failed, std::string("cannot load a library: ") + ::dlerror(),
                "Debian's package " + package + " holds it");
}

Library::Symbol Library::operator[](const char* name) const {
  void* const address = ::dlsym(handle_, name);
  if (address == nullptr) throw Error(ErrorKind::failed, soname_ + " has no function " + name);
  return Symbol(address);
}

}  // namespace lotse::base
