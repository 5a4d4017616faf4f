#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "runner/infer/sources.h"
#include "runner/infer/timing.h"

using namespace lotse;
using namespace lotse::runner::infer;

TEST_CASE("files, folders and globs name pictures") {
  const base::TemporaryFolder folder;
  for (const auto* name : {"b.jpg", "a.PNG", "c.webp", "notes.txt", "._b.jpg"})
    std::ofstream(folder.path() / name) << "x";
  const auto all = find_pictures({folder.path().string()});
  REQUIRE(all.size() == 3);
  CHECK(all[0].filename() == "a.PNG");
  CHECK(find_pictures({(folder.path() / "*.jpg").string()}).size() == 1);
  CHECK(find_pictures({(folder.path() / "notes.txt").string()}).size() == 1);
  try {
    find_pictures({"/not/there.jpg", (folder.path() / "*.gif").string()});
    FAIL("no error");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    CHECK(error.diagnostics().size() == 2);
  }
}

TEST_CASE("timings are ranked") {
  const auto timing = summarize({5, 1, 4, 2, 3, 10, 6, 7, 8, 9});
  CHECK(timing.fastest == 1);
  CHECK(timing.median == 5);
  CHECK(timing.p90 == 9);
  CHECK(summarize({7}).p90 == 7);
}
