#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "schema/schema.h"

using namespace lotse;
using nlohmann::json;

namespace {
const json& example() {
  static const json schema = json::parse(R"({
    "type": "object", "additionalProperties": false, "required": ["data"],
    "x-lotse-order": ["epochs", "data"],
    "properties": {
      "data": {"type": "string", "minLength": 1, "x-lotse": {"positional": true, "file": "in"}},
      "epochs": {"type": "integer", "default": 100, "minimum": 1, "maximum": 1000, "description": "passes",
        "x-lotse": {"form": "a thousand is enough"}},
      "mode": {"type": "string", "enum": ["fast", "slow"], "default": "slow", "x-lotse": {"flag": "speed"}},
      "ids": {"type": "array", "items": {"type": "integer", "minimum": 0}, "default": []},
      "labels": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
      "name_of": {"type": "string", "pattern": "^[a-z]+$", "x-lotse": {"form": "such as abc", "cluster": true}},
      "hidden": {"type": "array", "items": {"type": "object"}, "x-lotse": {"flag": false}},
      "inner": {"type": "object", "x-lotse": {"flag": false}, "properties": {"a": {"type": "number", "default": 1.5}}}
    }})");
  return schema;
}

std::vector<std::string> mistakes(const json& value) {
  std::vector<std::string> result;
  for (const auto& one : schema::validate(example(), value)) result.push_back(base::to_string(one));
  return result;
}
}  // namespace

TEST_CASE("each mistake names its path, says what is wrong and what may be meant") {
  CHECK(mistakes({{"data", "d"}, {"epochs", 1}, {"ids", {1, 2}}}).empty());
  using Lines = std::vector<std::string>;
  CHECK(mistakes(json::object()) == Lines{"data: is required"});
  CHECK(mistakes({{"data", "d"}, {"epoch", 1}}) ==
        Lines{"epoch: is not a value here\n  did you mean epochs?"});
  CHECK(mistakes({{"data", "d"}, {"mode", "fats"}}) ==
        Lines{"mode: must be one of fast, slow, is \"fats\"\n  did you mean fast?"});
  CHECK(mistakes({{"data", "d"}, {"mode", "quick"}}) ==
        Lines{"mode: must be one of fast, slow, is \"quick\""});
  CHECK(mistakes({{"data", "d"}, {"epochs", 0}}) == Lines{"epochs: must be at least 1, is 0"});
  CHECK(mistakes({{"data", "d"}, {"epochs", 2.5}}) == Lines{"epochs: must be an integer, is 2.5"});
  CHECK(mistakes({{"data", 3}}) == Lines{"data: must be a string, is 3\n  quote it: \"3\""});
  CHECK(mistakes({{"data", "d"}, {"ids", {1, "x"}}}) ==
        Lines{"ids[1]: must be an integer, is \"x\""});
  CHECK(mistakes({{"data", "d"}, {"labels", {{"a", 1}}}}) ==
        Lines{"labels.a: must be a string, is 1\n  quote it: \"1\""});
  CHECK(mistakes({{"data", "d"}, {"name_of", "A1"}}) ==
        Lines{"name_of: \"A1\" does not have the right form\n  such as abc"});
  CHECK(mistakes({{"data", ""}}).size() == 1);
  CHECK(mistakes({{"epochs", 0}, {"mode", 1}}).size() == 3);
  CHECK(mistakes(json::array()) == Lines{"must be an object, is []"});
  CHECK_THROWS_AS(schema::validate({{"type", 3}}, 1), base::Error);
}

TEST_CASE("what the server or the runner would refuse is refused here, with the limit") {
  const auto schema = schema::with_limits(json::parse(R"({
    "type": "object",
    "properties": {
      "imgsz": {"type": "integer", "minimum": 32, "multipleOf": 32},
      "workers": {"type": "integer", "maximum": 100000},
      "ids": {"type": "array", "items": {"type": "integer"}},
      "queue": {"type": "string", "pattern": "^[a-z]*$", "maxLength": 3},
      "labels": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"},
                 "additionalProperties": {"type": "string", "pattern": "^[a-z]*$"}}
    }})"));
  const auto told = [&](const char* key, const json& value) {
    const auto found = schema::validate(schema, {{key, value}});
    return found.empty() ? "" : base::to_string(found[0]);
  };
  CHECK(told("imgsz", 64).empty());
  CHECK(told("imgsz", 100) ==
        "imgsz: must be a multiple of 32, is 100\n  the nearest are 96 and 128");
  CHECK(told("imgsz", 3000000000) == "imgsz: must be at most 2147483647, is 3000000000");
  CHECK(told("imgsz", 1e300) == "imgsz: must be at most 2147483647, is 1e+300");
  CHECK(told("workers", 5000000000) == "workers: must be at most 100000, is 5000000000");
  CHECK(told("ids", {1, 3000000000}) == "ids[1]: must be at most 2147483647, is 3000000000");
  CHECK(told("queue", "abcd") == "queue: is longer than 3 characters");
  CHECK(told("labels", {{"a", "b"}}).empty());
  CHECK(told("labels", {{"bad key", "b"}}) == "labels: \"bad key\" does not have the right form");
  CHECK(told("labels", {{"a", "B"}}) == "labels.a: \"B\" does not have the right form");
}

TEST_CASE("a quantity may be written as a number") {
  const json schema = {{"properties",
                        {{"cpu", {{"type", "string"}, {"x-lotse", {{"quantity", true}}}}},
                         {"name", {{"type", "string"}}}}}};
  CHECK(schema::with_quantities(schema, {{"cpu", 2}, {"name", 2}}) ==
        json{{"cpu", "2"}, {"name", 2}});
  CHECK(schema::with_quantities(schema, {{"cpu", 0.5}}) == json{{"cpu", "0.5"}});
  CHECK(schema::with_quantities(schema, {{"cpu", "500m"}}) == json{{"cpu", "500m"}});
}

TEST_CASE("where a value came from goes before its path") {
  const auto found =
      schema::validate(example(), {{"data", "d"}, {"epochs", 0}}, [](const std::string& pointer) {
        return "v.yaml:3:1" + std::string(pointer == "/epochs" ? "" : "?");
      });
  REQUIRE(found.size() == 1);
  CHECK(found[0].where == "v.yaml:3:1: epochs");
  const auto by_flag = schema::validate(example(), {{"data", "d"}, {"epochs", 0}},
                                        [](const std::string&) { return "--epochs"; });
  CHECK(by_flag[0].where == "--epochs");
}

TEST_CASE("defaults come from the schema") {
  CHECK(schema::defaults(example()) == json({{"epochs", 100},
                                             {"mode", "slow"},
                                             {"ids", json::array()},
                                             {"labels", json::object()},
                                             {"inner", {{"a", 1.5}}}}));
}

TEST_CASE("each property is a flag") {
  const auto flags = schema::flags(example());
  std::vector<std::string> names;
  for (const auto& flag : flags) names.push_back(flag.name);
  CHECK(names == std::vector<std::string>{"data", "epochs", "ids", "labels", "speed", "name-of"});
  CHECK(flags[0].positional);
  CHECK(flags[0].required);
  CHECK(flags[0].file == schema::FileUse::in);
  CHECK(flags[1].maximum == 1000.0);
  CHECK(flags[1].help == "passes");
  CHECK(flags[2].minimum == 0.0);
  CHECK(flags[4].choices == std::vector<std::string>{"fast", "slow"});
  CHECK(flags[5].cluster);
  CHECK(schema::parse_flag(flags[1], "12") == json(12));
  CHECK_FALSE(schema::parse_flag(flags[1], "12x"));
  CHECK(schema::parse_flag(flags[2], "7") == json(7));
  CHECK(schema::parse_flag(flags[3], "a=b=c") == json({{"a", "b=c"}}));
  CHECK_FALSE(schema::parse_flag(flags[3], "a"));
  CHECK(schema::parse_flag(flags[0], "yes") == json("yes"));
}

TEST_CASE("the flag of a document names a file that holds it") {
  const auto flags = schema::flags(json::parse(R"({"properties": {
    "affinity": {"type": "object", "default": {}, "x-lotse": {"document": true, "local": false}}}})"));
  REQUIRE(flags.size() == 1);
  CHECK(flags[0].type == schema::FlagType::document);
  CHECK_FALSE(flags[0].local);
  const base::TemporaryFolder folder;
  const auto file = (folder.path() / "affinity.yaml").string();
  base::write_file_atomic(file, "nodeAffinity: {a: [1]}\n");
  CHECK(schema::parse_flag(flags[0], file) == json::parse(R"({"nodeAffinity": {"a": [1]}})"));
  base::write_file_atomic(file, "a: [1\n");
  CHECK_THROWS_WITH(schema::parse_flag(flags[0], file), Catch::Matchers::Contains(file + ":"));
  CHECK_THROWS_AS(schema::parse_flag(flags[0], file + ".gone"), base::Error);
}
