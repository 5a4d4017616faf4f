#include "runner/train/run_folder.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"

using namespace lotse;
using namespace lotse::runner::train;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text = "x") {
  std::ofstream(file) << text;
}

/// What one process does: opens, claims, leaves a state behind. Whether it went on from one.
bool run(const fs::path& folder, const std::string& name, Earlier earlier = {}) {
  RunFolder here(folder, name, earlier);
  here.claim();
  write(folder / "state.safetensors");
  return here.goes_on();
}

base::ErrorKind refusal(const fs::path& folder, const std::string& name, Earlier earlier = {}) {
  try {
    RunFolder(folder, name, earlier).claim();
  } catch (const base::Error& error) {
    if (error.kind() == base::ErrorKind::invalid)
      for (const char* flag : {"--resume", "--overwrite", "--output"})
        CHECK_THAT(error.diagnostics().at(0).hint, Contains(flag));
    return error.kind();
  }
  FAIL("it was let in");
  return base::ErrorKind::failed;
}

}  // namespace

TEST_CASE("an output folder is one run's: it goes on, another one is asked what it wants") {
  const base::TemporaryFolder folder;
  const auto output = folder.path() / "new/output";
  CHECK(run(output, "a"));
  CHECK(run(output, "a"));
  CHECK(refusal(output, "b") == base::ErrorKind::invalid);
  CHECK(fs::exists(output / "state.safetensors"));
  CHECK(run(output, "b", {true, false}));  // and is its own from now on
  CHECK(run(output, "b"));
  CHECK(refusal(output, "a") == base::ErrorKind::invalid);
}

TEST_CASE("what is overwritten is gone before the folder bears the new name") {
  const base::TemporaryFolder folder;
  const auto output = folder.path();
  run(output, "a");
  for (const char* file : {"best.safetensors", "last.safetensors", "results.jsonl", "notes.txt"})
    write(output / file);
  RunFolder here(output, "b", {false, true});
  CHECK_FALSE(here.goes_on());
  CHECK(fs::exists(output / "best.safetensors"));  // until it is claimed
  here.claim();
  for (const char* file :
       {"state.safetensors", "best.safetensors", "last.safetensors", "results.jsonl"})
    CHECK_FALSE(fs::exists(output / file));
  CHECK(fs::exists(output / "notes.txt"));
}

TEST_CASE("a start of the overwriting run's own goes on") {
  const base::TemporaryFolder folder;
  run(folder.path(), "a");
  CHECK_FALSE(run(folder.path(), "b", {false, true}));
  CHECK(run(folder.path(), "b", {false, true}));
}

TEST_CASE("results without a name, or under a damaged one, are nobody's") {
  const base::TemporaryFolder folder;
  write(folder.path() / "best.safetensors");
  CHECK(refusal(folder.path(), "a") == base::ErrorKind::invalid);
  CHECK_FALSE(fs::exists(folder.path() / "run.json"));
  CHECK_THROWS_WITH(RunFolder(folder.path(), "a", {true, false}), Contains("no state.safetensors"));
  write(folder.path() / "run.json", "{\"run\": \"a");
  CHECK(refusal(folder.path(), "a") == base::ErrorKind::invalid);
  write(folder.path() / "run.json", R"({"mode": "infer", "run": "a"})");
  CHECK(refusal(folder.path(), "a") == base::ErrorKind::invalid);
}

TEST_CASE("a run that has saved nothing leaves the folder free") {
  const base::TemporaryFolder folder;
  {
    RunFolder first(folder.path(), "a", {});
    first.claim();
    first.keep_epochs(0);
  }
  CHECK(run(folder.path(), "b"));
}

TEST_CASE("other files in the folder are no results; an empty name is no name") {
  const base::TemporaryFolder folder;
  write(folder.path() / "data.yaml");
  write(folder.path() / "run.json", "");
  CHECK(run(folder.path(), "a"));
  CHECK_THAT(base::read_file(folder.path() / "run.json"), Contains("\"run\":\"a\""));
}

TEST_CASE("one process at a time") {
  const base::TemporaryFolder folder;
  {
    RunFolder first(folder.path(), "a", {});
    RunFolder second(folder.path(), "b", {});  // there is nothing yet that says who trains
    first.claim();
    CHECK_THROWS_AS(second.claim(), base::Error);
    for (const char* name : {"a", "b"})
      for (const bool overwrite : {false, true})
        CHECK(refusal(folder.path(), name, {false, overwrite}) == base::ErrorKind::conflict);
  }
  CHECK(run(folder.path(), "a"));
}

TEST_CASE("lines of epochs that are trained again are dropped") {
  const base::TemporaryFolder folder;
  const auto file = folder.path() / "results.jsonl";
  RunFolder here(folder.path(), "a", {});
  here.claim();
  here.keep_epochs(0);
  CHECK(base::read_file(file).empty());
  write(file, "{\"epoch\":1}\n{\"epoch\":2}\n{\"epoch\":3}\n{\"epo");
  here.keep_epochs(2);
  CHECK(base::read_file(file) == "{\"epoch\":1}\n{\"epoch\":2}\n");
}
