#include "template/search.h"

#include <catch2/catch.hpp>

#include "base/files.h"
#include "support/error_from.h"
#include "template/corners.h"

using namespace lotse;
using lotse::test::error_from;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {
void make(const fs::path& folder) {
  fs::create_directories(folder);
  base::write_file_atomic(folder / "template.yaml", "name: x\n");
}
}  // namespace

TEST_CASE("a name means the first folder that has it, and last the built-in one") {
  base::TemporaryFolder mine, yours;
  make(mine.path() / "train");
  make(yours.path() / "train");
  make(yours.path() / "other");
  fs::create_directories(mine.path() / "empty");
  const std::vector<fs::path> folders = {mine.path(), yours.path(), mine.path() / "not-there"};
  const auto found = tmpl::find_template("train", folders);
  REQUIRE(found.size() == 3);
  CHECK(found[0].reference() == (mine.path() / "train").string());
  CHECK(found[1].folder == yours.path() / "train");
  CHECK(found[2].place() == "built in");
  CHECK(tmpl::find_template("other", folders)[0].folder == yours.path() / "other");
  CHECK(tmpl::find_template("job", {})[0].reference() == "job");
}

TEST_CASE("a name that means nothing: what is near, and how a folder is named") {
  base::TemporaryFolder mine;
  make(mine.path() / "nightly");
  CHECK(std::string(error_from([&] { tmpl::find_template("nihgtly", {mine.path()}); }).what())
            .find("did you mean nightly?") != std::string::npos);
  CHECK(std::string(error_from([&] { tmpl::find_template("empty", {mine.path()}); }).what())
            .find("a folder is named ./FOLDER") != std::string::npos);
}

TEST_CASE("the corners of a schema are allowed by it, its default first") {
  const auto list = [](const char* schema) { return json(tmpl::corners(json::parse(schema))); };
  CHECK(list(R"({"type": "integer", "default": 3, "minimum": 1, "maximum": 9})") ==
        json({3, 1, 9}));
  CHECK(list(R"({"type": "integer", "minimum": 10, "maximum": 100, "multipleOf": 32})") ==
        json({32, 96}));
  CHECK(list(R"({"enum": ["a", "b"], "default": "b"})") == json({"b", "a"}));
  CHECK(list(R"({"type": "boolean"})") == json({false, true}));
  CHECK(list(R"({"type": "string", "pattern": "^[0-9]+[MG]i$"})") == json({"1Gi"}));
  CHECK(list(R"({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 255}})") ==
        json({json::array(), {1}, {255}, {1, 255}}));
  CHECK(list(R"({"type": "object", "additionalProperties": {"enum": ["x"]}})") ==
        json({json::object(), {{"a", "x"}}, {{"example.com/a", "x"}}}));
  CHECK(list(R"({"type": "string", "pattern": "^nothing like that$"})") == json::array());
  CHECK(list(R"({"type": "string", "pattern": "^z$", "examples": ["z"]})") == json({"z"}));
}
