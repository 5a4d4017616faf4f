#include "image/elf.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "program.h"

using namespace lotse;

namespace {

std::string with(std::string bytes, size_t at, const std::string& value) {
  return bytes.replace(at, value.size(), value);
}

std::string why(const std::filesystem::path& file, const std::string& bytes) {
  base::write_file_atomic(file, bytes);
  try {
    image::read_elf(file);
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    CHECK_THAT(error.what(), Catch::Contains(file.string()));
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("an ELF file's headers are read") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  const image::Elf program = image::read_elf(folder.path() / "bin/lotse-runner");
  CHECK(program.interpreter == "/lib64/ld-linux-x86-64.so.2");
  CHECK(program.runpath == std::vector<std::string>{"$ORIGIN/../lib/deep"});
  CHECK(program.rpath.empty());
  CHECK(program.needed.front() == "libone.so");
  const image::Elf library = image::read_elf(folder.path() / "lib/deep/libone.so");
  CHECK(library.interpreter.empty());
  CHECK(library.rpath == std::vector<std::string>{"$ORIGIN"});
  CHECK_FALSE(library.has_runpath);
  CHECK(image::read_elf(folder.path() / "lib/deep/libtwo.so").soname == "libtwo.so");
}

TEST_CASE("broken and foreign ELF files are refused by name, whatever their headers say") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  const auto file = folder.path() / "hostile.so";
  const std::string good = base::read_file(folder.path() / "lib/deep/libone.so");
  CHECK_THAT(why(file, ""), Catch::Contains("cut short"));
  CHECK_THAT(why(file, good.substr(0, 40)), Catch::Contains("cut short"));
  CHECK_THAT(why(file, good.substr(0, 100)), Catch::Contains("program headers"));
  CHECK_THAT(why(file, std::string(500, 'x')), Catch::Contains("not an ELF file"));
  CHECK_THAT(why(file, with(good, 4, "\x01")), Catch::Contains("64-bit"));
  CHECK_THAT(why(file, with(good, 18, "\xb7")), Catch::Contains("machine 183"));
  CHECK_THAT(why(file, with(good, 16, "\x01")), Catch::Contains("neither a program"));
  CHECK_THAT(why(file, with(good, 32, std::string(8, '\xff'))), Catch::Contains("outside of it"));
  CHECK_THAT(why(file, with(good, 54, "\x01")), Catch::Contains("unknown size"));
}

TEST_CASE("no prefix of an ELF file, and no changed byte in its headers, does harm") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  const auto file = folder.path() / "hostile.so";
  const std::string good = base::read_file(folder.path() / "lib/deep/libone.so");
  const auto survives = [&](const std::string& bytes) {
    base::write_file_atomic(file, bytes);
    try {
      image::read_elf(file);
    } catch (const base::Error&) {
    }
  };
  for (size_t length = 0; length < good.size(); length += 97) survives(good.substr(0, length));
  for (size_t at = 0; at < 700; ++at) survives(with(good, at, "\xff"));
  SUCCEED();
}
