#include "runner/detect/shapes.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/files.h"

using namespace lotse;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder).string()] = base::read_file(entry.path());
  return files;
}

void check_refused(const fs::path& folder, const std::string& name) {
  const auto before = files_of(folder);
  CHECK_THROWS_WITH(write_shapes(folder, 3, 1, 1, 32, {}),
                    Contains("holds other things: '" + name) && Contains("new or empty folder"));
  CHECK(files_of(folder) == before);
}

}  // namespace

TEST_CASE("shapes: somebody's data set is left as it is") {
  const base::TemporaryFolder folder;
  const auto set = folder.path() / "set";
  write(set / "data.yaml", "train: images/train\n");
  check_refused(set, "data.yaml");
  fs::remove(set / "data.yaml");
  write(set / "images/train/000000.png", "mine");
  check_refused(set, "images");
  fs::rename(set / "images", set / "labels");
  check_refused(set, "labels");
}

TEST_CASE("shapes: a data set of ours is written anew, also after a run that was killed") {
  const base::TemporaryFolder folder;
  const auto set = folder.path() / "set";
  fs::create_directories(set / "lost+found");  // of a fresh volume
  write_shapes(set, 3, 1, 1, 32, {});
  const auto whole = files_of(set);
  CHECK(whole.size() == 6);
  write_shapes(set, 9, 3, 2, 32, {});
  CHECK(files_of(set).size() == 12);
  // Killed while it wrote: no data.yaml, or one that was not yet renamed.
  fs::rename(set / "data.yaml", set / "data.yaml.partial.77");
  write_shapes(set, 3, 1, 1, 32, {});
  CHECK(files_of(set) == whole);
  // Killed at once: nothing but the mark.
  const auto other = folder.path() / "other";
  write(other / shapes_mark, "");
  write_shapes(other, 3, 1, 1, 32, {});
  CHECK(files_of(other).size() == 6);
}

TEST_CASE("shapes: the same files, drawn by one thread or by many") {
  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "one", 3, 9, 4, 32, {});
  std::vector<int64_t> told;
  const auto count = write_shapes(
      folder.path() / "many", 3, 9, 4, 32, [&](int64_t done, int64_t) { told.push_back(done); }, 4);
  CHECK(files_of(folder.path() / "many") == files_of(folder.path() / "one"));
  CHECK(count.pictures == 13);
  CHECK(told.size() == 13);
  CHECK(std::is_sorted(told.begin(), told.end()));
}

TEST_CASE("shapes: what a user put into a data set of ours is not deleted with it") {
  const base::TemporaryFolder folder;
  const auto set = folder.path() / "set";
  for (const std::string mine : {"notes.txt", "images/mine/a.png", "images/train/mine.png",
                                 "labels/train/000000.xml", "images/train/00.png"}) {
    fs::remove_all(set);
    write_shapes(set, 3, 1, 1, 32, {});
    write(set / mine, "precious");
    check_refused(set, mine.substr(0, 6));
  }
  fs::remove_all(set);
  write(folder.path() / "pictures/000000.png", "precious");
  write_shapes(set, 3, 1, 1, 32, {});
  fs::remove_all(set / "images/train");
  fs::create_directory_symlink(folder.path() / "pictures", set / "images/train");
  check_refused(set, "images/train");
  CHECK(base::read_file(folder.path() / "pictures/000000.png") == "precious");
}
