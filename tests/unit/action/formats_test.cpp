// The schemas of docs/formats, which say what -o json prints. That the programs keep to them is
// shown by the tests that run them (tests/support/fits.sh).
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <map>

#include "base/files.h"
#include "document/document.h"
#include "release/diff.h"
#include "schema/schema.h"
#include "workload/state.h"

using namespace lotse;
using nlohmann::json;

namespace {

const std::filesystem::path folder = "docs/formats";

/// By name: "status" of status.schema.json.
std::map<std::string, json> schemas() {
  constexpr std::string_view end = ".schema.json";
  std::map<std::string, json> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto file = entry.path().filename().string();
    if (!file.ends_with(end)) continue;
    all[file.substr(0, file.size() - end.size())] = document::read_document(entry.path()).value;
  }
  return all;
}

/// Calls `look` with every part that is a schema.
void each_part(const json& schema, const std::function<void(const json&)>& look) {
  look(schema);
  for (const char* named : {"properties", "definitions"})
    if (schema.contains(named))
      for (const auto& part : schema[named]) each_part(part, look);
  if (schema.contains("items")) each_part(schema["items"], look);
}

bool is_object(const json& schema) {
  const auto type = schema.value("type", json());
  return type == "object" || (type.is_array() && json(type).front() == "object");
}

workload::State full_state() {
  workload::State state;
  state.name = "x";
  state.exit_code = 1;
  state.progress.emplace();
  state.progress->per_second = 2.5;
  state.progress->metrics = {{"loss", 1.5}};
  state.container_code = 3;
  state.causes = {{"OutOfMemory", {"pod/x-0"}, "exit 137", false}};
  state.pods.push_back({.name = "x-0", .rank = 0, .exit_code = 137, .cause = state.causes[0]});
  state.pods.push_back({.name = "x-1"});
  return state;
}

}  // namespace

TEST_CASE("each schema is of draft 7, is listed, and says of each object which members it has") {
  const auto page = base::read_file(folder / "README.md");
  for (const auto& [name, schema] : schemas()) {
    INFO(name);
    CHECK(schema.at("$schema") == "http://json-schema.org/draft-07/schema#");
    CHECK(page.find("(" + name + ".schema.json)") != std::string::npos);
    CHECK_FALSE(schema::validate(schema, json::object()).empty());
    each_part(schema, [](const json& part) {
      INFO(part);
      if (is_object(part)) CHECK(part.contains("additionalProperties"));
      for (const auto& member : part.value("required", json::array()))
        CHECK(part.at("properties").contains(member.get<std::string>()));
    });
    if (schema.at("properties").contains("event")) continue;  // a line of what pods print
    CHECK(schema.at("additionalProperties") == false);
    CHECK(schema.at("/properties/apiVersion"_json_pointer) == json{{"const", "lotse/v1"}});
    CHECK(schema.at("required").front() == "apiVersion");
  }
}

TEST_CASE("what stands in several schemas is the same") {
  std::map<std::string, json> definitions;
  const auto all = schemas();
  for (const auto& [name, schema] : all) {
    const auto parts = schema.value("definitions", std::map<std::string, json>());
    for (const auto& [part, definition] : parts)
      CHECK(definitions.emplace(part, definition).first->second == definition);
  }
  auto status = all.at("status").at("properties");
  status.erase("apiVersion");
  CHECK(definitions.at("workload").at("properties") == status);
}

TEST_CASE("a schema that lacks a member refuses it, with the place") {
  const auto known = schemas();
  const auto schema = known.at("list");
  json answer = {{"apiVersion", "lotse/v1"}, {"workloads", {workload::to_json(full_state())}}};
  CHECK(schema::validate(schema, answer).empty());
  answer["workloads"][0]["pods"][1]["new"] = 1;
  CHECK_FALSE(schema::validate(schema, answer).empty());
  answer["workloads"][0]["pods"][1].erase("new");
  answer["workloads"][0].erase("urls");
  CHECK_FALSE(schema::validate(schema, answer).empty());
}

TEST_CASE("the schemas know every phase and every fate of an object") {
  const auto all = schemas();
  const auto phases = all.at("status").at("/properties/phase"_json_pointer);
  CHECK(all.at("why").at("/properties/phase"_json_pointer) == phases);
  json known = json::array();
  for (int phase = 0; phase <= static_cast<int>(workload::Phase::lost); ++phase)
    known.push_back(workload::to_string(static_cast<workload::Phase>(phase)));
  CHECK(phases.at("enum") == known);
  for (const auto fate : {release::Fate::unchanged, release::Fate::changed, release::Fate::made,
                          release::Fate::removed})
    CHECK(schema::validate(all.at("diff").at("/definitions/change/properties/action"_json_pointer),
                           release::to_string(fate))
              .empty());
}
