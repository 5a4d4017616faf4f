#include "kube/pages.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "net/retry.h"
#include "support/scripted_server.h"

using namespace lotse;
using kube::json;
using test::Answer;

namespace {

Answer page(const std::string& name, const std::string& next) {
  return {200,
          {},
          json{{"kind", "PodList"},
               {"metadata", {{"resourceVersion", "7"}, {"continue", next}}},
               {"items", json::array({{{"metadata", {{"name", name}}}}})}}
              .dump()};
}

Answer expired(const std::string& next) {
  return {410,
          {},
          json{{"kind", "Status"},
               {"code", 410},
               {"message", "too old"},
               {"metadata", {{"continue", next}}}}
              .dump()};
}

struct Reading {
  test::ScriptedServer server;
  net::CurlTransport curl{{}};
  kube::Client client;
  std::vector<std::string> names;
  int newer = 0;

  explicit Reading(std::vector<Answer> answers)
      : server(std::move(answers)), client(curl, settings()) {}
  identity::Settings settings() const {
    identity::Settings settings;
    settings.server = "http://127.0.0.1:" + std::to_string(server.port());
    return settings;
  }
  std::string read() {
    const auto call = kube::list_call(*object::find_kind("pod"), "ns", {});
    return kube::each_page(client, call,
                           {[this](const std::string& body) {
                              const auto list = json::parse(body);
                              for (const auto& item : list.at("items"))
                                names.push_back(item["metadata"]["name"]);
                            },
                            [this] { ++newer; }});
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("pages come one by one, each asked for with the token of the one before") {
  Reading reading({page("a", "x/+="), page("b", "y"), page("c", "")});
  CHECK(reading.read() == "7");
  CHECK(reading.names == Names{"a", "b", "c"});
  const auto received = reading.server.received();
  REQUIRE(received.size() == 3);
  CHECK_THAT(received[1].target, Catch::EndsWith("limit=500&continue=x%2F%2B%3D"));
}

TEST_CASE("410 between pages: what was printed is not printed again, and it is told") {
  Reading reading({page("a", "x"), expired("behind-a"), page("b", "")});
  reading.read();
  CHECK(reading.names == Names{"a", "b"});
  CHECK(reading.newer == 1);
  CHECK_THAT(reading.server.received().back().target, Catch::EndsWith("continue=behind-a"));
}

TEST_CASE("410 that gives nothing to go on with, or comes twice, is an error") {
  const bool twice = GENERATE(false, true);
  Reading reading(twice ? std::vector<Answer>{page("a", "x"), expired("y"), expired("y")}
                        : std::vector<Answer>{page("a", "x"), expired("")});
  CHECK_THROWS_WITH(reading.read(), Catch::Contains("too old"));
  CHECK(reading.server.received().size() == (twice ? 3 : 2));
}

TEST_CASE("a page that is none is an error, not an endless list") {
  const std::string body = GENERATE("", "[]", "null", "{\"metadata\":", "<html>");
  Reading reading({{200, {}, body}});
  CHECK_THROWS_AS(reading.read(), std::exception);
}
