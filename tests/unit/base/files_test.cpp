#include "base/files.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace lotse::base;

TEST_CASE("an atomic write replaces the content and leaves nothing beside it") {
  TemporaryFolder folder;
  const auto file = folder.path() / "f";
  write_file_atomic(file, "old");
  write_file_atomic(file, "new", 0600);
  CHECK(read_file(file) == "new");
  struct stat status = {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a failed write leaves the old content") {
  TemporaryFolder folder;
  CHECK_THROWS_AS(write_file_atomic(folder.path() / "absent" / "f", "x"), Error);
  std::filesystem::create_directory(folder.path() / "f");
  CHECK_THROWS_AS(write_file_atomic(folder.path() / "f", "x"), Error);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a file that cannot be read names its path") {
  CHECK_THROWS_WITH(read_file("/absent/file"), Catch::Contains("/absent/file"));
  CHECK_FALSE(read_file_if_there("/absent/file"));
}
