#include "release/diff.h"

#include <catch2/catch.hpp>

using namespace lotse::release;

namespace {

std::vector<std::string> paths(const json& before, const json& after) {
  std::vector<std::string> all;
  for (const auto& change : field_changes(before, after)) all.push_back(change.path);
  return all;
}

json object(const std::string& kind, const std::string& name, const json& rest = {}) {
  json made = {{"kind", kind}, {"metadata", {{"name", name}}}};
  if (!rest.is_null()) made.update(rest);
  return made;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("fields that differ are named by their path") {
  CHECK(paths({{"a", 1}}, {{"a", 1}}).empty());
  CHECK(paths({{"a", {{"b", 1}, {"c", 2}}}}, {{"a", {{"b", 3}, {"d", 4}}}}) ==
        Strings{"a.b", "a.c", "a.d"});
  CHECK(paths({{"x", {{"lotse.dev/run", "1"}}}}, {{"x", {{"lotse.dev/run", "2"}}}}) ==
        Strings{"x[lotse.dev/run]"});
}

TEST_CASE("items of a list are known by name, if all of them have one") {
  const json one = {{"name", "one"}, {"image", "a"}};
  const json two = {{"name", "two"}, {"image", "b"}};
  CHECK(paths({{"c", {one, two}}}, {{"c", {two, one}}}).empty());
  json other = two;
  other["image"] = "c";
  CHECK(paths({{"c", {one, two}}}, {{"c", {other}}}) == Strings{"c[one]", "c[two].image"});
  CHECK(paths({{"c", {1, 2}}}, {{"c", {1, 3, 4}}}) == Strings{"c[1]", "c[2]"});
  CHECK(paths({{"c", {one, one}}}, {{"c", {one, two}}}) == Strings{"c[1].image", "c[1].name"});
  CHECK(paths({{"c", json::array()}}, {{"c", {one}}}) == Strings{"c[one]"});
}

TEST_CASE("a JSON document in a text is compared as a document") {
  const json before = {{"run.json", R"({"options":{"epochs":1,"seed":2}})"}};
  const json after = {{"run.json", R"({"options":{"epochs":3,"seed":2}})"}};
  const auto changes = field_changes(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].path == "[run.json]: options.epochs");
  CHECK(changes[0].before == 1);
  CHECK(changes[0].after == 3);
  CHECK(paths({{"a", "{no"}}, {{"a", "{}"}}) == Strings{"a"});
}

TEST_CASE("objects are compared without the digits of their revisions and what a server adds") {
  json before =
      object("Job", "w-11111111", {{"spec", {{"config", "w-11111111-config"}, {"n", 1}}}});
  json after = object("Job", "w-22222222", {{"spec", {{"config", "w-22222222-config"}, {"n", 2}}}});
  before["metadata"]["uid"] = "u";
  before["metadata"]["labels"] = {{"controller-uid", "u"}, {"app", "x"}};
  after["metadata"]["labels"] = {{"app", "x"}};
  before["status"] = {{"active", 1}};
  const auto all = changes({{before, object("Service", "w")}, "11111111"},
                           {{after, object("Deployment", "w")}, "22222222"});
  REQUIRE(all.size() == 3);
  CHECK(all[0].object == "deployment/w");
  CHECK(all[0].fate == Fate::made);
  CHECK(all[1].object == "job/w-22222222");
  CHECK(all[1].fate == Fate::changed);
  REQUIRE(all[1].fields.size() == 1);
  CHECK(all[1].fields[0].path == "spec.n");
  CHECK(all[2].object == "service/w");
  CHECK(all[2].fate == Fate::removed);
}

TEST_CASE("the data of Secrets is never shown") {
  const auto all =
      changes({{object("Secret", "s", {{"data", {{"a", "cGFzcw=="}, {"b", "eA=="}}}})}, ""},
              {{object("Secret", "s", {{"data", {{"a", "d29yZA=="}, {"c", "eQ=="}}}})}, ""});
  REQUIRE(all.size() == 1);
  CHECK(all[0].fate == Fate::changed);
  REQUIRE(all[0].fields.size() == 3);
  for (const auto& field : all[0].fields) {
    for (const auto& value : {field.before, field.after})
      CHECK((value.is_null() || value == "(hidden)" || value == "(changed)"));
  }
}
