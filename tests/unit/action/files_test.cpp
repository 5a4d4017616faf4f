#include "action/files.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"

using lotse::action::resolve_files;
using lotse::base::TemporaryFolder;
using lotse::schema::FileUse;
using lotse::schema::Flag;
using nlohmann::json;

namespace {

Flag file_flag(const std::string& key, FileUse use) {
  Flag flag;
  flag.key = key;
  flag.name = key;
  flag.file = use;
  return flag;
}

std::vector<Flag> train_flags() {
  auto output = file_flag("output", FileUse::out);
  output.default_value = "runs/train";
  output.cluster_default = "volume:output/";
  return {file_flag("model", FileUse::in), file_flag("data", FileUse::in), output};
}

std::string mistakes(const json& values, bool local) {
  try {
    resolve_files(train_flags(), values, "w", local);
  } catch (const lotse::base::Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a claim is named the same everywhere; the output of a cluster is a claim of its own") {
  const json values = {
      {"model", "yolo26n"}, {"data", "volume:shapes/a/data.yaml"}, {"output", "runs/train"}};
  const auto found = resolve_files(train_flags(), values, "w", false);
  CHECK(found.values["model"] == "yolo26n");
  CHECK(found.values["data"] == "volume:shapes/a/data.yaml");
  CHECK(found.values["output"] == "volume:output/");
  REQUIRE(found.volumes.size() == 2);
  CHECK(found.volumes[0] == json({{"name", "output"},
                                  {"claim", "w-output"},
                                  {"created", true},
                                  {"mountPath", "/volumes/output"},
                                  {"readOnly", false}}));
  CHECK(found.volumes[1]["readOnly"] == true);
}

TEST_CASE("a file that is needed with another value has a place then, and only then") {
  auto output = file_flag("output", FileUse::out);
  output.default_value = "";
  output.cluster_default = "volume:output/";
  output.needed_with = "workers";
  Flag workers;
  workers.key = "workers";
  workers.default_value = 1;
  const auto resolve = [&](const json& values, bool local) {
    return resolve_files({output, workers}, values, "w", local).values["output"];
  };
  for (const bool local : {false, true})
    CHECK(resolve({{"output", ""}, {"workers", 1}}, local) == "");
  CHECK(resolve({{"output", ""}, {"workers", 4}}, false) == "volume:output/");
  CHECK(resolve({{"output", "volume:o/"}, {"workers", 4}}, true) == "volume:o/");
  CHECK_THROWS_WITH(resolve({{"output", ""}, {"workers", 4}}, true),
                    Catch::Contains("--output: is needed with --workers"));
}

TEST_CASE("any claim can be named: none takes the place of a volume that the pod has itself") {
  for (const std::string claim : {"tmp", "config", "shm", "output", "team.data", "tmp-2"}) {
    const auto found = resolve_files(
        train_flags(), {{"data", "volume:" + claim + "/x"}, {"output", "runs/train"}}, "w", false);
    REQUIRE(found.volumes.size() == 2);
    CHECK(found.volumes[0]["name"] != found.volumes[1]["name"]);
    for (const auto& volume : found.volumes) {
      const std::string name = volume["name"];
      CHECK((name != "tmp" && name != "config" && name != "shm"));
      CHECK(name.find('.') == std::string::npos);
      CHECK(volume["mountPath"] == "/volumes/" + name);
      const bool made = volume["created"];
      CHECK(volume["claim"] == (made ? "w-output" : claim));
      CHECK(found.values[made ? "output" : "data"] == "volume:" + name + (made ? "/" : "/x"));
    }
  }
  const auto both = resolve_files(
      train_flags(), {{"model", "volume:tmp/m.pt"}, {"data", "volume:tmp-2/x"}}, "w", true);
  CHECK(both.values["model"] == "volume:tmp-2/m.pt");
  CHECK(both.values["data"] == "volume:tmp-2-2/x");
  const std::string longest(63, 'a');
  const auto dotted = resolve_files(
      train_flags(),
      {{"model", "volume:" + longest + ".b/m.pt"}, {"data", "volume:" + longest + ".c/x"}}, "w",
      true);
  REQUIRE(dotted.volumes.size() == 2);
  for (const auto& volume : dotted.volumes) CHECK(volume["name"].get<std::string>().size() <= 63);
}

TEST_CASE("a path of this machine becomes a hostPath volume of the folder around it") {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data.yaml";
  lotse::base::write_file_atomic(data, "x");
  const auto out = folder.path() / "runs" / "one";
  const auto found = resolve_files(
      train_flags(), {{"model", "yolo26n"}, {"data", data.string()}, {"output", out.string()}}, "w",
      true);
  CHECK(found.values["data"] == "volume:data/data.yaml");
  CHECK(found.values["output"] == "volume:output/one");
  CHECK(found.volumes[0]["hostPath"] == folder.path().string());
  CHECK(found.volumes[1]["hostPath"] == (folder.path() / "runs").string());
  CHECK(found.folders == std::vector<std::filesystem::path>{folder.path() / "runs"});
}

TEST_CASE("two values in one folder share its volume, which is writable if one is an output") {
  const TemporaryFolder folder;
  lotse::base::write_file_atomic(folder.path() / "data.yaml", "x");
  const auto found = resolve_files(train_flags(),
                                   {{"data", (folder.path() / "data.yaml").string()},
                                    {"output", (folder.path() / "out").string()}},
                                   "w", true);
  REQUIRE(found.volumes.size() == 1);
  CHECK(found.volumes[0]["readOnly"] == false);
  CHECK(found.values["output"] == "volume:data/out");
}

TEST_CASE("what is wrong names the flag, all at once") {
  CHECK(mistakes({{"data", "not/here.yaml"}, {"model", "gone.pt"}}, true) ==
        "--model: there is no file 'gone.pt'\n--data: there is no file 'not/here.yaml'");
  const auto text = mistakes({{"data", "./shapes/data.yaml"}}, false);
  CHECK(text.find("--data: './shapes/data.yaml' is a path of this machine") == 0);
  CHECK(text.find("volume:CLAIM/PATH") != std::string::npos);
  CHECK(mistakes({{"data", "volume:Bad_Name/x"}}, false).find("--data") == 0);
}
