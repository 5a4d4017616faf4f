#include "image/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>

#include <cstdint>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::image {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t longest_string = 4096;
constexpr std::uint64_t largest_dynamic = 1 << 20;

/// Reads within a file's bounds; its errors name the file.
class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file), stream_(file, std::ios::binary) {
    std::error_code failure;
    size_ = fs::is_regular_file(file, failure) ? fs::file_size(file, failure) : 0;
    if (failure || !stream_) fail("cannot be read");
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw base::Error({{file_.string(), message, ""}});
  }

  std::string bytes(std::uint64_t offset, std::uint64_t count, const char* what) {
    if (offset > size_ || count > size_ - offset)
      fail(base::cat("is cut short or broken: ", what, " lies outside of it"));
    std::string result(count, '\0');
    stream_.seekg(static_cast<std::streamoff>(offset));
    stream_.read(result.data(), static_cast<std::streamsize>(count));
    if (!stream_) fail("cannot be read");
    return result;
  }

  template <class T>
  std::vector<T> table(std::uint64_t offset, std::uint64_t count, const char* what) {
    const std::string raw = bytes(offset, count * sizeof(T), what);
    std::vector<T> result(count);
    if (count > 0) std::memcpy(result.data(), raw.data(), raw.size());
    return result;
  }

  /// The zero-ended string at `offset`, which must end within `limit` bytes.
  std::string text(std::uint64_t offset, std::uint64_t limit, const char* what) {
    const std::uint64_t rest = offset < size_ ? size_ - offset : 0;
    const std::string raw = bytes(offset, std::min({limit, rest, longest_string}), what);
    const size_t end = raw.find('\0');
    if (end == std::string::npos) fail(base::cat("is broken: ", what, " has no end"));
    return raw.substr(0, end);
  }

 private:
  fs::path file_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

Elf64_Ehdr read_header(Reader& reader) {
  const auto header = reader.table<Elf64_Ehdr>(0, 1, "the ELF header").front();
  const unsigned char* id = header.e_ident;
  if (std::memcmp(id, ELFMAG, SELFMAG) != 0) reader.fail("is not an ELF file");
  if (id[EI_CLASS] != ELFCLASS64) reader.fail("is not a 64-bit ELF file");
  if (id[EI_DATA] != ELFDATA2LSB || header.e_machine != EM_X86_64)
    reader.fail(
        base::cat("is for another machine (ELF machine ", header.e_machine, "), not x86-64"));
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN)
    reader.fail("is neither a program nor a shared library");
  if (header.e_phnum > 0 && header.e_phentsize != sizeof(Elf64_Phdr))
    reader.fail("is broken: its program headers have an unknown size");
  return header;
}

/// Where in the file the memory address lies.
std::uint64_t file_offset(const Reader& reader, const std::vector<Elf64_Phdr>& segments,
                          std::uint64_t address) {
  for (const auto& segment : segments)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  reader.fail("is broken: its string table lies in no segment");
}

void read_dynamic(Reader& reader, const std::vector<Elf64_Phdr>& segments,
                  const Elf64_Phdr& dynamic, Elf& elf) {
  if (dynamic.p_filesz > largest_dynamic)
    reader.fail("is broken: its dynamic section is too large");
  const auto entries = reader.table<Elf64_Dyn>(
      dynamic.p_offset, dynamic.p_filesz / sizeof(Elf64_Dyn), "the dynamic section");
  std::uint64_t strings = 0;
  std::uint64_t strings_size = 0;
  std::vector<Elf64_Dyn> texts;
  for (const auto& entry : entries) {
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_STRTAB) strings = entry.d_un.d_ptr;
    if (entry.d_tag == DT_STRSZ) strings_size = entry.d_un.d_val;
    if (entry.d_tag == DT_NEEDED || entry.d_tag == DT_SONAME || entry.d_tag == DT_RPATH ||
        entry.d_tag == DT_RUNPATH)
      texts.push_back(entry);
  }
  if (texts.empty()) return;
  const std::uint64_t base = file_offset(reader, segments, strings);
  for (const auto& entry : texts) {
    if (entry.d_un.d_val >= strings_size)
      reader.fail("is broken: a name lies outside of its string table");
    const std::string text =
        reader.text(base + entry.d_un.d_val, strings_size - entry.d_un.d_val, "a name");
    if (entry.d_tag == DT_NEEDED) elf.needed.push_back(text);
    if (entry.d_tag == DT_SONAME) elf.soname = text;
    if (entry.d_tag == DT_RPATH) elf.rpath = base::split(text, ':');
    if (entry.d_tag == DT_RUNPATH) elf.runpath = base::split(text, ':');
    if (entry.d_tag == DT_RUNPATH) elf.has_runpath = true;
  }
  if (elf.has_runpath) elf.rpath.clear();
}

}  // namespace

bool is_foreign(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Elf64_Ehdr header{};
  // The machine stands at the same place in both classes.
  stream.read(reinterpret_cast<char*>(&header), offsetof(Elf64_Ehdr, e_version));
  return stream && std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
         (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64);
}

Elf read_elf(const fs::path& file) {
  Reader reader(file);
  const Elf64_Ehdr header = read_header(reader);
  const auto segments =
      reader.table<Elf64_Phdr>(header.e_phoff, header.e_phnum, "the program headers");
  Elf elf;
  for (const auto& segment : segments) {
    if (segment.p_type == PT_INTERP)
      elf.interpreter = reader.text(segment.p_offset, segment.p_filesz, "the loader's name");
    if (segment.p_type == PT_DYNAMIC) read_dynamic(reader, segments, segment, elf);
  }
  return elf;
}

}  // namespace lotse::image
