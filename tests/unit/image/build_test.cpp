#include "image/build.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "crypto/digest.h"
#include "program.h"

using namespace lotse;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

image::BuildOptions options_for(const fs::path& folder) {
  image::BuildOptions options;
  options.runner = folder / "program/bin/lotse-runner";
  options.folder = folder / "image";
  options.tar = folder / "image.tar";
  options.reference = "lotse-runner:1";
  options.labels = {{"org.opencontainers.image.version", "1"}};
  return options;
}

std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      result[entry.path().lexically_relative(folder)] = base::read_file(entry.path());
  return result;
}

json blob(const fs::path& image, const json& descriptor) {
  const std::string digest = descriptor["digest"].get<std::string>().substr(7);
  const std::string text = base::read_file(image / "blobs/sha256" / digest);
  CHECK(crypto::sha256(text) == digest);
  CHECK(text.size() == descriptor["size"].get<size_t>());
  return json::parse(text, nullptr, false);
}

json manifest_of(const fs::path& image) {
  return blob(image, json::parse(base::read_file(image / "index.json"))["manifests"][0]);
}

void unpack(const fs::path& image, const fs::path& root) {
  fs::create_directories(root);
  const json manifest = manifest_of(image);
  REQUIRE(manifest["layers"].size() == 3);
  for (const auto& layer : manifest["layers"]) {
    blob(image, layer);
    const std::string file = image / "blobs/sha256" / layer["digest"].get<std::string>().substr(7);
    REQUIRE(test::run("tar -C '" + root.string() + "' -xpf '" + file + "'") == 0);
  }
}

}  // namespace

TEST_CASE("two builds in different folders give the same bytes, of layout and tar") {
  const base::TemporaryFolder one;
  const base::TemporaryFolder other;
  test::build_program(one.path() / "program");
  fs::copy(one.path() / "program", other.path() / "program", fs::copy_options::recursive);
  for (const auto compression :
       {archive::Compression::none, archive::Compression::gzip, archive::Compression::zstd}) {
    auto options = options_for(one.path());
    options.compression = compression;
    const auto result = image::build(options);
    options = options_for(other.path());
    options.compression = compression;
    options.cache = other.path() / "cache";  // neither filling the cache
    CHECK(image::build(options).digest == result.digest);
    CHECK(files_in(one.path() / "image") == files_in(other.path() / "image"));
    CHECK(base::read_file(one.path() / "image.tar") == base::read_file(other.path() / "image.tar"));
    options.folder.clear();
    const auto again = image::build(options);  // from the cache, and the tar alone
    CHECK(base::read_file(one.path() / "image.tar") == base::read_file(other.path() / "image.tar"));
    for (const auto& layer : again.layers) CHECK(layer.from_cache);
    CHECK(files_in(one.path() / "image") == files_in(other.path() / "image"));
  }
}

TEST_CASE("the layout is what the image specification asks for") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  const auto result = image::build(options_for(folder.path()));
  const fs::path image = folder.path() / "image";
  CHECK(json::parse(base::read_file(image / "oci-layout"))["imageLayoutVersion"] == "1.0.0");
  const json index = json::parse(base::read_file(image / "index.json"));
  CHECK(index["manifests"][0]["digest"] == result.digest);
  CHECK(index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"] ==
        "lotse-runner:1");
  CHECK(index["manifests"][0]["annotations"]["io.containerd.image.name"] ==
        "docker.io/library/lotse-runner:1");
  const json manifest = manifest_of(image);
  const json config = blob(image, manifest["config"]);
  CHECK(config["config"]["Entrypoint"] == json{"/bin/lotse-runner"});
  CHECK(config["config"]["Labels"]["org.opencontainers.image.version"] == "1");
  REQUIRE(manifest["layers"].size() == 3);
  CHECK(manifest["layers"][0]["mediaType"] == "application/vnd.oci.image.layer.v1.tar+zstd");
  for (size_t i = 0; i < 3; ++i) {
    const std::string packed =
        image / "blobs/sha256" / manifest["layers"][i]["digest"].get<std::string>().substr(7);
    std::string sum;
    if (test::run("command -v zstd") == 0) {
      REQUIRE(test::run("zstd -dcq <'" + packed + "' | sha256sum", &sum) == 0);
      CHECK(config["rootfs"]["diff_ids"][i] == "sha256:" + sum.substr(0, 64));
    }
  }
  if (test::run("command -v skopeo") != 0) {
    WARN("SKIPPED: skopeo is not installed");
    return;
  }
  std::string inspected;
  REQUIRE(test::run("skopeo inspect 'oci:" + image.string() + "'", &inspected) == 0);
  CHECK(json::parse(inspected)["Digest"] == result.digest);
  REQUIRE(test::run("skopeo inspect 'oci-archive:" + image.string() + ".tar'", &inspected) == 0);
  CHECK(json::parse(inspected)["Digest"] == result.digest);
}

TEST_CASE("the image holds what is needed and nothing else") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  const auto layers = image::build(options_for(folder.path())).layers;
  REQUIRE(layers.size() == 3);
  CHECK(layers[0].files == std::vector<std::string>{"/etc/group", "/etc/nsswitch.conf",
                                                    "/etc/passwd",
                                                    "/lib/x86_64-linux-gnu/libc.so.6",
                                                    "/lib64/ld-linux-x86-64.so.2", "/tmp"});
  CHECK(layers[1].files == std::vector<std::string>{"/lib/x86_64-linux-gnu/libone.so",
                                                    "/lib/x86_64-linux-gnu/libtwo.so"});
  CHECK(layers[2].files ==
        std::vector<std::string>{"/bin/lotse-runner", "/lib/liblotse-runner.so"});
}

TEST_CASE("lotse is a layer of its own, and can be without the runner") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  auto options = options_for(folder.path());
  const auto before = image::build(options).layers;
  options.client = folder.path() / "program/bin/lotse";
  options.client_dlopened = {};
  fs::copy_file(options.runner, options.client);
  const auto both = image::build(options).layers;
  REQUIRE(both.size() == 4);
  CHECK(both[2].name == "lotse");
  CHECK(both[2].files == std::vector<std::string>{"/bin/lotse"});  // its libraries are there
  for (const auto& [with, without] : {std::pair(0, 0), std::pair(1, 1), std::pair(3, 2)})
    CHECK(both[with].digest == before[without].digest);
  options.runner.clear();
  const auto alone = image::build(options).layers;
  REQUIRE(alone.size() == 3);
  CHECK(alone[0].digest == before[0].digest);
  CHECK(alone[1].files == before[1].files);
  CHECK(alone[2].files == std::vector<std::string>{"/bin/lotse"});
  const fs::path image = folder.path() / "image";
  CHECK(blob(image, manifest_of(image)["config"])["config"]["Entrypoint"] == json{"/bin/lotse"});
}

TEST_CASE("a new runner changes its own layer alone") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  const auto before = image::build(options_for(folder.path())).layers;
  const fs::path library = folder.path() / "program/lib/liblotse-runner.so";
  base::write_file_atomic(library, base::read_file(library) + "more");
  const auto after = image::build(options_for(folder.path())).layers;
  CHECK(before[0].digest == after[0].digest);
  CHECK(before[1].digest == after[1].digest);
  CHECK(before[2].digest != after[2].digest);
}

TEST_CASE("the unpacked layers run in an empty root") {
  if (::geteuid() != 0) {
    WARN("SKIPPED: running in an empty root needs the rights of root");
    return;
  }
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  auto options = options_for(folder.path());
  options.compression = archive::Compression::gzip;  // tar unpacks it without another program
  image::build(options);
  fs::remove_all(folder.path() / "program");
  const fs::path root = folder.path() / "root";
  unpack(folder.path() / "image", root);
  fs::permissions(folder.path(), fs::perms(0755));
  std::string output;
  for (const std::string user : {"0:0", "65532:65532"}) {
    CHECK(test::run("env -i PATH=/usr/sbin:/usr/bin chroot --userspec=" + user + " '" +
                        root.string() + "' /bin/lotse-runner",
                    &output) == 0);
    CHECK(output == "12 3\n");
  }
  CHECK((fs::status(root / "tmp").permissions() & fs::perms(07777)) == fs::perms(01777));
}

TEST_CASE("a folder that holds something else is left alone, an image is replaced") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  auto options = options_for(folder.path());
  fs::create_directories(options.folder);
  base::write_file_atomic(options.folder / "thesis.tex", "years of work");
  CHECK_THROWS_WITH(image::build(options), Catch::Contains("left alone"));
  CHECK(base::read_file(options.folder / "thesis.tex") == "years of work");
  CHECK_FALSE(fs::exists(options.tar));
  fs::remove_all(options.folder);
  image::build(options);
  options.reference = "lotse-runner:2";
  image::build(options);
  CHECK_THAT(base::read_file(options.folder / "index.json"), Catch::Contains("lotse-runner:2"));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"image", "image.tar", "program"});
}

TEST_CASE("a spoiled layer in the cache is not used") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  auto options = options_for(folder.path());
  options.cache = folder.path() / "cache";
  const auto first = image::build(options);
  for (const auto& entry : fs::recursive_directory_iterator(options.cache))
    if (entry.is_regular_file()) base::write_file_atomic(entry.path(), "spoiled");
  const auto second = image::build(options);
  CHECK(second.digest == first.digest);
  for (const auto& layer : second.layers) CHECK_FALSE(layer.from_cache);
}

TEST_CASE("without a runner library the build says what is missing, and writes nothing") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path() / "program");
  fs::remove(folder.path() / "program/lib/liblotse-runner.so");
  CHECK_THROWS_WITH(image::build(options_for(folder.path())),
                    Catch::Contains("liblotse-runner.so"));
  CHECK_FALSE(fs::exists(folder.path() / "image"));
  CHECK_FALSE(fs::exists(folder.path() / "image.tar"));
}
