#include "runner/detect/picture_names.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/files.h"

using namespace lotse;
using namespace lotse::runner::detect;
namespace fs = std::filesystem;

namespace {

struct Folder {
  Folder() {
    fs::create_directories(path() / "train");
    for (const auto* name : {"a.jpg", "train/a.jpg", "train/b.jpg", "train/c\\d.jpg"})
      std::ofstream(path() / name) << "x";
  }
  const fs::path& path() const { return folder.path(); }

  base::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("names of pictures: as they are, of Windows, of another machine") {
  const Folder folder;
  const auto look = [&](const std::string& name) {
    return PictureNames::look(folder.path(), name).value_or("").string();
  };
  CHECK(look("train/b.jpg") == "train/b.jpg");
  CHECK(look("./train/b.jpg") == "./train/b.jpg");
  CHECK(look("train\\c\\d.jpg") == "");
  CHECK(look("train/c\\d.jpg") == "train/c\\d.jpg");
  CHECK(look("train\\b.jpg") == "train/b.jpg");
  CHECK(look(".\\train\\b.jpg") == "train/b.jpg");
  CHECK(look("C:\\data\\train\\b.jpg") == "train/b.jpg");
  CHECK(look("\\\\server\\data\\train\\a.jpg") == "train/a.jpg");
  CHECK(look("/home/somebody/train/a.jpg") == "train/a.jpg");
  CHECK(look("/home/somebody/val/a.jpg") == "a.jpg");
  CHECK(look((folder.path() / "a.jpg").string()) == (folder.path() / "a.jpg").string());
  // A name that begins at no root is not shortened, and none leads out of the folder.
  for (const auto* name :
       {"val/b.jpg", "val\\b.jpg", "..\\a.jpg", "", "/", "\\", "C:", "C:\\", "/home/b.jpg"}) {
    INFO(name);
    CHECK(look(name) == "");
  }
}

TEST_CASE("names of pictures: two that have become one are not both taken") {
  const Folder folder;
  PictureNames names;
  CHECK(names.note() == "");
  CHECK(names.take(folder.path(), "train/a.jpg") == "train/a.jpg");
  CHECK(names.note() == "");
  CHECK(names.take(folder.path(), "/one/a.jpg") == "a.jpg");
  CHECK_FALSE(names.take(folder.path(), "/two/a.jpg"));
  CHECK(names.take(folder.path(), "train\\b.jpg") == "train/b.jpg");
  CHECK(names.note() ==
        "names of pictures that are another system's or machine's: 2; the first: "
        "'/one/a.jpg' is taken as a.jpg");
}
