#include "action/get.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "identity/config.h"
#include "support/scripted_server.h"

using namespace lotse::action;
using lotse::base::Error;
using lotse::test::Answer;
using lotse::test::Received;
using nlohmann::json;

namespace {

GetQuery query_of(const std::vector<std::string>& words) {
  GetQuery query;
  take_words(query, words);
  return query;
}

json pod(const std::string& name, const std::string& version) {
  return {{"metadata",
           {{"name", name},
            {"namespace", "ns"},
            {"resourceVersion", version},
            {"managedFields", json::array()}}}};
}

Answer list(const json& items, const std::string& version) {
  return {200,
          {},
          json{{"kind", "PodList"}, {"metadata", {{"resourceVersion", version}}}, {"items", items}}
              .dump()};
}

Answer events(const std::vector<std::pair<std::string, json>>& all) {
  Answer answer;
  for (const auto& [type, object] : all)
    answer.pieces.push_back(json{{"type", type}, {"object", object}}.dump() + "\n");
  answer.end = Answer::End::close;
  return answer;
}

}  // namespace

TEST_CASE("words are a kind and names, in both ways to write them") {
  CHECK(query_of({"pods"}).kind == "pods");
  CHECK(query_of({"pod", "a", "b"}).names == std::vector<std::string>{"a", "b"});
  CHECK(query_of({"pod/a", "pod/b"}).names == std::vector<std::string>{"a", "b"});
  CHECK(query_of({"jobs.batch/x"}).kind == "jobs.batch");
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"pods,svc"}, {"pod/a", "svc/b"}, {"pod/"}, {"pod/a/b"}, {"pod", ""}})
    CHECK_THROWS_AS(query_of(wrong), Error);
}

TEST_CASE(
    "a watch that was interrupted too long shows what changed meanwhile, once, and what went") {
  lotse::test::ScriptedServer server([](const Received& received, int) {
    const bool watches = received.target.find("watch=1") != std::string::npos;
    static std::atomic<int> lists{0};
    if (!watches)
      return ++lists == 1 ? list({pod("a", "1"), pod("b", "2"), pod("c", "3")}, "3")
                          : list({pod("a", "1"), pod("b", "8"), pod("d", "9")}, "9");
    if (received.target.find("resourceVersion=3") != std::string::npos)
      return events({{"MODIFIED", pod("a", "1")},
                     {"ERROR", {{"kind", "Status"}, {"code", 410}, {"message", "too old"}}}});
    return Answer{403, {}, json{{"kind", "Status"}, {"code", 403}, {"message", "the end"}}.dump()};
  });
  lotse::identity::Settings settings;
  settings.server = "http://127.0.0.1:" + std::to_string(server.port());
  settings.name_space = "ns";
  Getter getter(settings, "");
  auto query = query_of({"pods"});
  query.watch = true;
  query.form = Form::names;
  std::vector<std::string> seen;
  std::vector<std::string> notes;
  GetSink sink;
  sink.on_name = [&](const std::string& name) { seen.push_back(name); };
  sink.on_note = [&](const std::string& note) { notes.push_back(note); };
  CHECK_THROWS_WITH(getter.get(query, sink), "the end");
  CHECK(seen == std::vector<std::string>{"pod/a", "pod/b", "pod/c", "pod/a", "pod/b", "pod/d"});
  CHECK(notes == std::vector<std::string>{"ns/c was deleted while the watch was interrupted"});
}

TEST_CASE("names are asked for as metadata, and come in the list's own order") {
  lotse::test::ScriptedServer server([&](const Received&, int) {
    return list({pod("b", "1"), pod("a", "2")}, "3");
  });
  lotse::identity::Settings settings;
  settings.server = "http://127.0.0.1:" + std::to_string(server.port());
  settings.name_space = "ns";
  auto query = query_of({"pods"});
  query.form = Form::names;
  std::vector<std::string> seen;
  GetSink sink;
  sink.on_name = [&](const std::string& name) { seen.push_back(name); };
  CHECK(Getter(settings, "").get(query, sink) == 2);
  CHECK(seen == std::vector<std::string>{"pod/b", "pod/a"});
  REQUIRE(server.received().size() == 1);
  CHECK_THAT(server.received()[0].headers.at("accept"),
             Catch::Contains("as=PartialObjectMetadataList"));
}
