#include "runner/media/picture_cache.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "runner/media/recent.h"
#include "runner/media/threads.h"

using namespace lotse;
using namespace lotse::runner::media;
namespace fs = std::filesystem;

namespace {

Image picture_of(uint8_t fill) {
  auto picture = blank(7, 5, fill);
  picture.at(6, 4)[2] = 200;
  return picture;
}

fs::path only_file_in(const fs::path& folder) {
  fs::path found;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) found = entry.path();
  return found;
}

}  // namespace

TEST_CASE("picture cache: what was written is read, until the picture changes") {
  const base::TemporaryFolder folder;
  const auto picture = folder.path() / "a.jpg";
  std::ofstream(picture) << "one";
  const PictureCache cache(folder.path() / "cache");
  CHECK_FALSE(cache.has(picture, "side 8"));
  CHECK(cache.write(picture, "side 8", picture_of(3)));
  CHECK(cache.has(picture, "side 8"));
  REQUIRE(cache.read(picture, "side 8"));
  CHECK(cache.read(picture, "side 8")->rgb == picture_of(3).rgb);
  CHECK_FALSE(cache.read(picture, "side 16"));

  std::ofstream(picture) << "two";  // as long as before: its time tells
  fs::last_write_time(picture, fs::last_write_time(picture) + std::chrono::seconds(1));
  CHECK_FALSE(cache.read(picture, "side 8"));
  CHECK(cache.write(picture, "side 8", picture_of(4)));
  CHECK(cache.read(picture, "side 8")->rgb == picture_of(4).rgb);
  fs::remove(picture);
  CHECK_FALSE(cache.read(picture, "side 8"));
}

TEST_CASE("picture cache: what is cut or damaged is not taken") {
  const base::TemporaryFolder folder;
  const auto picture = folder.path() / "a.jpg";
  std::ofstream(picture) << "one";
  const PictureCache cache(folder.path() / "cache");
  cache.write(picture, "side 8", picture_of(3));
  const auto file = only_file_in(cache.folder());
  const auto good = base::read_file(file);
  for (const size_t kept : {size_t{0}, size_t{10}, size_t{70}, good.size() - 1}) {
    std::ofstream(file) << good.substr(0, kept);
    CHECK_FALSE(cache.read(picture, "side 8"));
    CHECK_FALSE(cache.has(picture, "side 8"));
  }
  auto damaged = good;
  damaged[good.size() - 20] ^= 1;
  std::ofstream(file) << damaged;
  CHECK_FALSE(cache.read(picture, "side 8"));
  std::ofstream(file) << good;
  CHECK(cache.read(picture, "side 8"));
}

TEST_CASE("picture cache: a folder that cannot be is refused by its name") {
  const base::TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  CHECK_THROWS_WITH(PictureCache(folder.path() / "file/cache"),
                    Catch::Contains("file/cache: cannot be written to"));
}

TEST_CASE("recent: made once by any number of threads, the oldest go, failures are forgotten") {
  Recent<int> recent(2);
  std::atomic<int> made = 0;
  const auto value = [&](int64_t index) {
    return *recent.get(index, [&] {
      ++made;
      return std::make_shared<const int>(static_cast<int>(index * 10));
    });
  };
  std::atomic<int> right = 0;
  on_threads(50, 5, [&](int64_t) { right += value(1) == 10 ? 1 : 0; });
  CHECK(right == 50);
  CHECK(made == 1);
  value(2), value(1);
  CHECK(made == 2);
  value(3);  // in place of 1
  value(2);
  CHECK(made == 3);
  value(1);
  CHECK(made == 4);
  const auto fail = [&] {
    recent.get(7, []() -> std::shared_ptr<const int> { throw std::runtime_error("no"); });
  };
  CHECK_THROWS_WITH(fail(), "no");
  CHECK(value(7) == 70);
}
