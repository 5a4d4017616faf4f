// Names of images, and what a registry says of them. The cluster case `images` asks a real one.
#include "image/registry.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "crypto/base64.h"

using namespace lotse;
using image::Login;
using nlohmann::json;

namespace {

std::string full(const std::string& name) {
  const auto reference = image::parse_reference(name);
  return reference ? image::to_string(*reference) : "";
}

/// Answers by "URL" or "URL authorization"; what it does not know is 404.
class Registries : public net::Transport {
 public:
  std::map<std::string, net::Response> answers;
  std::vector<std::string> asked;

  net::Response send(const net::Request& request) override {
    auto key = request.url;
    for (const auto& [name, value] : request.headers)
      if (name == "Authorization") key += " " + value;
    asked.push_back(key);
    if (request.url.starts_with("https://localhost"))
      throw net::TransportError(request, {net::Failure::Stage::connect, "wrong version number"});
    const auto found = answers.find(key);
    return found == answers.end() ? net::Response{404, {}, "{}"} : found->second;
  }
  Stream open(const net::Request&, net::StreamHandler) override { return 0; }
  void close(Stream) override {}
  std::unique_ptr<net::Channel> connect(const net::Request&) override { return nullptr; }
  void poll(std::chrono::milliseconds) override {}
};

const json index_of_two = {
    {"manifests",
     {{{"platform", {{"os", "linux"}, {"architecture", "amd64"}}}},
      {{"platform", {{"os", "linux"}, {"architecture", "arm64"}, {"variant", "v8"}}}},
      {{"platform", {{"os", "windows"}, {"architecture", "386"}}}},
      {{"platform", {{"os", "unknown"}, {"architecture", "unknown"}}}}}}};
const json single = {{"config", {{"digest", "sha256:c"}, {"size", 100}}}};

net::Response ok(const json& body) {
  return {200, {}, body.dump()};
}

using Found = std::optional<std::vector<std::string>>;

Found ask(Registries& registries, const std::string& name,
          const std::optional<Login>& login = std::nullopt) {
  image::Registry registry(
      registries, [&](const std::string&) { return login; },
      std::chrono::steady_clock::now() + std::chrono::seconds(5));
  return registry.architectures_of(*image::parse_reference(name));
}

base::ErrorKind kind_of_failure(Registries& registries, const std::string& name,
                                const std::optional<Login>& login = std::nullopt) {
  try {
    ask(registries, name, login);
  } catch (const base::Error& error) {
    return error.kind();
  }
  return base::ErrorKind::failed;
}

}  // namespace

TEST_CASE("an image's name has a registry, a repository and a tag, or it is none") {
  CHECK(full("busybox") == "docker.io/library/busybox:latest");
  CHECK(full("lotse/runner:1") == "docker.io/lotse/runner:1");
  CHECK(full("index.docker.io/library/busybox") == "docker.io/library/busybox:latest");
  CHECK(full("localhost:5000/a/b/c:v1.2_x") == "localhost:5000/a/b/c:v1.2_x");
  CHECK(full("localhost/a") == "localhost/a:latest");
  CHECK(full("ghcr.io/a/b_c__d-e:1") == "ghcr.io/a/b_c__d-e:1");
  CHECK(full("[::1]:5000/a") == "[::1]:5000/a:latest");
  const auto digest = "@sha256:" + std::string(64, 'a');
  CHECK(full("r.example/a" + digest) == "r.example/a" + digest);
  CHECK(full("r.example/a:1" + digest) == "r.example/a:1" + digest);
  for (const std::string wrong :
       {"", "Not//A:Name", "UPPER", "a:", "a b", "a/", "/a", "r.example/", "a@sha256:12", "a:-x",
        "-r.example/a", "r.example:x/a", "http://r.example/a"})
    CHECK(full(wrong) == "");
  CHECK(full(std::string(10'000, 'a')) == "");
}

TEST_CASE("the architectures of an image are those of its index, or of its configuration") {
  Registries registries;
  registries.answers["https://r.example/v2/many/manifests/1"] = ok(index_of_two);
  registries.answers["https://r.example/v2/one/manifests/latest"] = ok(single);
  registries.answers["https://r.example/v2/one/blobs/sha256:c"] =
      ok({{"architecture", "arm64"}, {"os", "linux"}});
  CHECK(ask(registries, "r.example/many:1") == Found({"amd64", "arm64"}));
  CHECK(ask(registries, "r.example/one") == Found({"arm64"}));
  auto artifact = single;
  artifact["config"]["mediaType"] = "application/vnd.example.weights";
  registries.answers["https://r.example/v2/weights/manifests/1"] = ok(artifact);
  CHECK(ask(registries, "r.example/weights:1") == Found(std::vector<std::string>()));
  CHECK_FALSE(ask(registries, "r.example/none"));
  CHECK(registries.asked.back() == "https://r.example/v2/none/manifests/latest");
  CHECK_FALSE(ask(registries, "busybox"));
  CHECK(registries.asked.back() ==
        "https://registry-1.docker.io/v2/library/busybox/manifests/latest");
  registries.answers["https://r.example/v2/odd/manifests/1"] = {200, {}, "<html>"};
  CHECK(kind_of_failure(registries, "r.example/odd:1") == base::ErrorKind::unreachable);
  registries.answers["https://r.example/v2/busy/manifests/1"] = {503, {}, ""};
  CHECK(kind_of_failure(registries, "r.example/busy:1") == base::ErrorKind::unreachable);
}

TEST_CASE("a registry on this machine may speak plain HTTP, no other") {
  Registries registries;
  registries.answers["http://localhost:5000/v2/a/manifests/1"] = ok(index_of_two);
  CHECK(ask(registries, "localhost:5000/a:1") == Found({"amd64", "arm64"}));
  CHECK(registries.asked.size() == 2);
}

TEST_CASE("a token is fetched from the realm that the registry names, with its own login") {
  Registries registries;
  const std::string manifest = "https://r.example/v2/a/manifests/1";
  registries.answers[manifest] = {
      401,
      {{"www-authenticate",
        R"(Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull")"}},
      ""};
  const std::string realm =
      "https://auth.example/token?service=r.example&scope=repository%3Aa%3Apull";
  CHECK(kind_of_failure(registries, "r.example/a:1") == base::ErrorKind::denied);
  registries.answers[realm] = ok({{"token", "anonymous"}});
  CHECK(kind_of_failure(registries, "r.example/a:1") ==
        base::ErrorKind::failed);  // it is not there
  registries.answers[manifest + " Bearer anonymous"] = ok(index_of_two);
  CHECK(ask(registries, "r.example/a:1").has_value());

  registries.answers[manifest + " Bearer anonymous"] = {403, {}, ""};
  CHECK(kind_of_failure(registries, "r.example/a:1") == base::ErrorKind::denied);
  registries.answers[realm + " Basic " + crypto::base64_encode("me:secret")] =
      ok({{"access_token", "mine"}});
  registries.answers[manifest + " Bearer mine"] = ok(single);
  registries.answers["https://r.example/v2/a/blobs/sha256:c Bearer mine"] = {
      307, {{"location", "https://store.example/c?signed"}}, ""};
  registries.answers["https://store.example/c?signed"] = ok({{"architecture", "amd64"}});
  CHECK(ask(registries, "r.example/a:1", Login{"me", "secret"}) == Found({"amd64"}));
  CHECK(registries.asked.back() == "https://store.example/c?signed");  // without the token
}

TEST_CASE("a login goes nowhere in clear") {
  Registries registries;
  registries.answers["https://r.example/v2/a/manifests/1"] = {
      401, {{"www-authenticate", R"(Bearer realm="http://auth.example/token",service="s")"}}, ""};
  CHECK(kind_of_failure(registries, "r.example/a:1", Login{"me", "secret"}) ==
        base::ErrorKind::denied);
  CHECK(registries.asked.size() == 1);
}

TEST_CASE("logins are those of docker's configuration, and its helpers'") {
  const base::TemporaryFolder folder;
  const auto later = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  const auto encoded = crypto::base64_encode("me:secret:with:colons");
  const image::DockerConfig config(
      {{"auths",
        {{"r.example:5000", {{"auth", encoded}}},
         {"https://index.docker.io/v1/", {{"auth", encoded}}},
         {"broken.example", {{"auth", "%%"}}}}},
       {"credHelpers", {{"helped.example", "test"}, {"gone.example", "is-not-there"}}}});
  const auto login = config.login_for("r.example:5000", later);
  REQUIRE(login);
  CHECK(login->user == "me");
  CHECK(login->password == "secret:with:colons");
  CHECK(config.login_for("docker.io", later));
  for (const char* none : {"r.example", "broken.example", "gone.example", "other.example"})
    CHECK_FALSE(config.login_for(none, later));

  const auto helper = folder.path() / "docker-credential-test";
  std::ofstream(helper) << "#!/bin/sh\nread server\n"
                           "echo '{\"Username\": \"'$1' of '$server'\", \"Secret\": \"s\"}'\n";
  std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (folder.path().string() + ":" + path).c_str(), 1);
  const auto helped = config.login_for("helped.example", later);
  std::ofstream(helper) << "#!/bin/sh\nexec sleep 20\n";
  const auto began = std::chrono::steady_clock::now();
  CHECK_FALSE(config.login_for("helped.example", began + std::chrono::milliseconds(200)));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(helped);
  CHECK(helped->user == "get of helped.example");

  ::setenv("DOCKER_CONFIG", folder.path().c_str(), 1);
  CHECK_FALSE(image::DockerConfig::of_the_user().login_for("r.example", later));
  std::ofstream(folder.path() / "config.json") << "no json";
  CHECK_THROWS_AS(image::DockerConfig::of_the_user(), base::Error);
  ::unsetenv("DOCKER_CONFIG");
}
