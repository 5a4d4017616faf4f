#include "archive/tar.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/strings.h"

using namespace lotse;
using archive::Compression;

namespace {

std::string tar_of(const std::string& text, const std::filesystem::path& file) {
  std::string result;
  archive::TarWriter tar([&](std::string_view bytes) { result += bytes; });
  tar.add_folder("a", 0755);
  tar.add_text("a/text", 0600, text);
  tar.add_file("a/file", 0755, file);
  tar.finish();
  return result;
}

std::string compressed(Compression compression, const std::string& bytes, size_t piece) {
  std::string result;
  archive::Compressor compressor(compression, [&](std::string_view part) { result += part; });
  for (size_t at = 0; at < bytes.size(); at += piece)
    compressor.write(std::string_view(bytes).substr(at, piece));
  compressor.finish();
  return result;
}

/// Three megabytes that compress neither to nothing nor not at all.
std::string some_bytes() {
  std::string bytes;
  unsigned state = 1;
  while (bytes.size() < 3'000'000) {
    state = state * 1664525U + 1013904223U;
    bytes += static_cast<char>('a' + (state >> 28U));
  }
  return bytes;
}

int run(const std::string& shell) {
  return base::Process::start({{"/bin/sh", "-c", shell}}).wait().code;
}

}  // namespace

TEST_CASE("tar reads back what the writer wrote") {
  const base::TemporaryFolder folder;
  const std::string bytes = some_bytes();
  base::write_file_atomic(folder.path() / "source", bytes);
  base::write_file_atomic(folder.path() / "out.tar", tar_of("hello\n", folder.path() / "source"));
  REQUIRE(run("tar -C '" + folder.path().string() + "' -xf '" +
              (folder.path() / "out.tar").string() + "'") == 0);
  CHECK(base::read_file(folder.path() / "a/text") == "hello\n");
  CHECK(base::read_file(folder.path() / "a/file") == bytes);
  struct stat status {};
  REQUIRE(::stat((folder.path() / "a/file").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0755);
  CHECK(status.st_mtime == 0);
}

TEST_CASE("a tar's bytes do not depend on where and when its files were written") {
  const base::TemporaryFolder one;
  const base::TemporaryFolder other;
  base::write_file_atomic(one.path() / "file", "content", 0600);
  base::write_file_atomic(other.path() / "another", "content", 0755);
  std::filesystem::last_write_time(
      other.path() / "another",
      std::filesystem::file_time_type::clock::now() - std::chrono::hours(99));
  const std::string bytes = tar_of("t", one.path() / "file");
  CHECK(bytes == tar_of("t", other.path() / "another"));
  CHECK(bytes.substr(257, 5) == "ustar");
  CHECK(bytes.find("root") == std::string::npos);
}

TEST_CASE("a tar holds paths that ustar has no room for") {
  const base::TemporaryFolder folder;
  const std::string name(180, 'n');
  std::string bytes;
  archive::TarWriter tar([&](std::string_view part) { bytes += part; });
  tar.add_text(name, 0644, "deep");
  tar.finish();
  base::write_file_atomic(folder.path() / "out.tar", bytes);
  REQUIRE(run("tar -C '" + folder.path().string() + "' -xf '" +
              (folder.path() / "out.tar").string() + "'") == 0);
  CHECK(base::read_file(folder.path() / name) == "deep");
}

TEST_CASE("a tar says which file it cannot read, and when its sink cannot write") {
  archive::TarWriter tar([](std::string_view) {});
  CHECK_THROWS_WITH(tar.add_file("a", 0644, "/nonexistent/file"),
                    Catch::Contains("/nonexistent/file"));
  const auto fill = [] {
    archive::TarWriter full(
        [](std::string_view) { throw base::Error(base::ErrorKind::failed, "disk full"); });
    full.add_text("a", 0644, std::string(1'000'000, 'x'));
    full.finish();
  };
  CHECK_THROWS_WITH(fill(), Catch::Contains("disk full"));
}

TEST_CASE("gzip and zstd give the same bytes however the input is cut, and the tools read them") {
  const base::TemporaryFolder folder;
  const std::string bytes = some_bytes();
  base::write_file_atomic(folder.path() / "plain", bytes);
  const std::string compare = " | cmp - '" + (folder.path() / "plain").string() + "'";
  const std::string packed = (folder.path() / "packed").string();
  for (const auto& [compression, tool] :
       {std::pair(Compression::gzip, "gzip -dc <"), std::pair(Compression::zstd, "zstd -dcq <")}) {
    const std::string whole = compressed(compression, bytes, bytes.size());
    CHECK(whole == compressed(compression, bytes, 1000));
    CHECK(whole.size() < bytes.size());
    base::write_file_atomic(packed, whole);
    if (run("command -v " + std::string(tool).substr(0, 4) + " >/dev/null") != 0)
      WARN("SKIPPED: " << tool << " is not installed");
    else
      CHECK(run(base::cat(tool, "'", packed, "'", compare)) == 0);
  }
  CHECK(compressed(Compression::none, bytes, 7777) == bytes);
}

TEST_CASE("gzip's header holds no time") {
  const std::string packed = compressed(Compression::gzip, "abc", 3);
  REQUIRE(packed.size() > 10);
  CHECK(packed.substr(4, 4) == std::string(4, '\0'));
}
