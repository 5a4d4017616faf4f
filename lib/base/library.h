#pragma once
#include <string>

namespace lotse::base {

/// A shared library that is loaded when it is first needed, because loading it at the program's
/// start would take longer than many a command. It stays until the process ends. `library["f"]` is
/// the address of its function f, as whatever pointer to a function it is assigned to:
///     struct Zlib { base::Library library{"libz.so.1", "zlib1g"}; decltype(&::crc32) crc32 =
///     library["crc32"]; };
/// Both throw Error(failed) that names the library, or the function that it lacks.
class Library {
 public:
  /// `package`: the Debian package to install where the library is missing; messages name it.
  Library(std::string soname, const std::string& package);

  class Symbol {
   public:
    explicit Symbol(void* address) : address_(address) {}
    template <class Function>
    operator Function*() const {
      return reinterpret_cast<Function*>(address_);
    }

   private:
    void* address_;
  };
  Symbol operator[](const char* name) const;

 private:
  std::string soname_;
  void* handle_;
};

}  // namespace lotse::base
