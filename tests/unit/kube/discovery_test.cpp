#include "kube/discovery.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "net/curl_transport.h"
#include "support/scripted_server.h"

using namespace lotse;
using kube::json;
using test::Answer;
using test::Received;

namespace {

json resource(const std::string& plural, const std::string& kind, const std::string& scope,
              const json& short_names) {
  return {{"resource", plural},
          {"responseKind", {{"kind", kind}}},
          {"scope", scope},
          {"singularResource", plural.substr(0, plural.size() - 1)},
          {"shortNames", short_names}};
}

json groups(const std::string& kind = "Widget") {
  const json newer = {{"version", "v2"},
                      {"resources", {resource("widgets", kind, "Namespaced", {"wd"})}}};
  const json older = {{"version", "v1"},
                      {"resources",
                       {resource("widgets", kind, "Namespaced", {"wd"}),
                        resource("gadgets", "Gadget", "Cluster", json::array())}}};
  return {{"kind", "APIGroupDiscoveryList"},
          {"items", {{{"metadata", {{"name", "example.com"}}}, {"versions", {newer, older}}}}}};
}

/// Knows what a client knows by its ETag.
struct Server {
  base::TemporaryFolder folder;
  std::string etag = "\"one\"";
  json body = groups();
  test::ScriptedServer server{[this](const Received& received, int) {
    const auto known = received.headers.find("if-none-match");
    if (known != received.headers.end() && known->second == etag)
      return Answer{304, {{"ETag", etag}}};
    return Answer{200, {{"ETag", etag}}, body.dump()};
  }};

  object::Kind find(const std::string& word) {
    net::CurlTransport curl({});
    identity::Settings settings;
    settings.server = "http://127.0.0.1:" + std::to_string(server.port());
    kube::Client client(curl, settings);
    return kube::find_kind(client, word, folder.path() / "cache");
  }
  std::filesystem::path cache_file() const {
    return std::filesystem::directory_iterator(folder.path() / "cache")->path();
  }
};

}  // namespace

TEST_CASE("built-in kinds cost no request") {
  Server server;
  CHECK(server.find("deploy").plural == "deployments");
  CHECK(server.find("jobs.v1.batch").kind == "Job");
  CHECK(server.server.received().empty());
}

TEST_CASE("other kinds are asked of the server: by any of their names, the preferred version") {
  Server server;
  const std::string word = GENERATE("widgets", "widget", "Widget", "wd", "widgets.example.com",
                                    "WD.example.com", "widgets.v2.example.com");
  const auto kind = server.find(word);
  CHECK(kind.api_version == "example.com/v2");
  CHECK(kind.kind == "Widget");
  CHECK(kind.namespaced);
  CHECK(server.find("widgets.v1.example.com").api_version == "example.com/v1");
  CHECK_FALSE(server.find("gadgets").namespaced);
  CHECK_THAT(server.server.received()[0].headers.at("accept"),
             Catch::Contains("as=APIGroupDiscoveryList"));
}

TEST_CASE("what the server said is kept: the next question is answered without a body") {
  Server server;
  server.find("widgets");
  CHECK(server.find("wd").kind == "Widget");
  const auto received = server.server.received();
  REQUIRE(received.size() == 2);
  CHECK(received[0].headers.count("if-none-match") == 0);
  CHECK(received[1].headers.at("if-none-match") == "\"one\"");
  CHECK((std::filesystem::status(server.cache_file()).permissions() &
         std::filesystem::perms::all) == std::filesystem::perms(0600));

  server.body = groups("Renamed");
  server.etag = "\"two\"";
  CHECK(server.find("widgets").kind == "Renamed");
  CHECK(server.find("widgets").kind == "Renamed");
  CHECK(server.server.received().back().headers.at("if-none-match") == "\"two\"");
}

TEST_CASE("a cache that holds something else, or cannot be written, is no error") {
  Server server;
  server.find("widgets");
  const std::string content = GENERATE("", "{", "[]", "{\"etag\":\"\\\"one\\\"\"}",
                                       "{\"etag\":\"\\\"one\\\"\",\"entries\":[{\"kind\":5}]}",
                                       "{\"etag\":\"\\\"one\\\"\",\"entries\":[7]}");
  std::ofstream(server.cache_file()) << content;
  CHECK(server.find("widgets").kind == "Widget");

  Server other;
  std::ofstream(other.folder.path() / "cache") << "a file where a folder should be";
  CHECK(other.find("widgets").kind == "Widget");
}

TEST_CASE("a kind that is not there is told with the closest one; a server that is none is told") {
  Server server;
  try {
    server.find("widgts");
    FAIL("found");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::not_found);
    CHECK(error.hint() == "did you mean widgets?");
  }
  const std::string nonsense = GENERATE("null", "[]", "{}", "{\"kind\":\"APIGroupList\"}",
                                        "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[5]}");
  server.body = json::parse(nonsense);
  server.etag = "\"three\"";
  CHECK_THROWS_AS(server.find("widgets"), base::Error);
}
