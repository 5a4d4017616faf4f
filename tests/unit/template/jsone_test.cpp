#include <catch2/catch.hpp>

#include "base/files.h"
#include "document/document.h"
#include "support/conformance.h"
#include "template/jsone.h"

using lotse::tmpl::jsone::render;
using nlohmann::json;

namespace {
json now(json context) {
  if (context.is_object() && !context.contains("now")) context["now"] = "2017-01-19T16:27:20.974Z";
  return context;
}
}  // namespace

TEST_CASE("the whole public suite of JSON-e, its error texts included") {
  const auto suite = conformance("json-e");
  if (!suite) return;
  const auto file = (*suite / "specification.yml").string();
  const auto cases = lotse::document::parse_yaml_stream(lotse::base::read_file(file), file);
  int count = 0;
  for (const auto& document : cases) {
    const auto& one = document.value;
    if (one.contains("section")) continue;
    ++count;
    INFO(document.where("") << " " << one["title"].get<std::string>() << "\n"
                            << one["template"].dump());
    const auto context = now(one.value("context", json::object()));
    std::string error;
    json result;
    try {
      result = render(one["template"], context);
    } catch (const lotse::tmpl::jsone::Error& caught) {
      error = caught.what();
    }
    if (one.contains("error") || one.contains("panic")) {
      if (one.contains("error") && one["error"].is_string()) {
        CHECK(error == one["error"].get<std::string>());
      } else {
        CHECK_FALSE(error.empty());
      }
    } else {
      CHECK(error == "");
      CHECK(result == one["result"]);
    }
  }
  CHECK((count == 1175 || count == 1159));  // of version 4.8.4, or 4.8.0: see .ci/conformance
}

TEST_CASE("values that count as false, a key named __proto__, and the most negative index") {
  for (const json& empty : {json(""), json(false), json(nullptr), json(0)}) {
    const json chosen = {{"$switch", {{"1 == 2", "no"}, {"$default", empty}}}};
    CHECK(render(chosen, json::object()) == empty);
    CHECK(render(json::array({chosen}), json::object()) == json::array({empty}));
  }
  const json proto = {{"__proto__", {{"a", 1}}}, {"b", 2}};
  CHECK(render({{"$merge", {proto, {{"c", 3}}}}}, json::object()).at("__proto__") ==
        proto.at("__proto__"));
  CHECK(render({{"$eval", "{__proto__: k}"}}, {{"k", 1}}) == json({{"__proto__", 1}}));
  CHECK(render({{"$eval", "a[-3]"}}, {{"a", {7, 8, 9}}}) == json(7));
  CHECK_THROWS_AS(render({{"$eval", "a[-4]"}}, {{"a", {7, 8, 9}}}), lotse::tmpl::jsone::Error);
}

TEST_CASE("rendering is bounded") {
  CHECK_THROWS_AS(render({{"$eval", "range(0, 1000000000000)"}}, json::object()),
                  lotse::tmpl::jsone::Error);
  const json doubling = {{"$reduce", {{"$eval", "range(0, 64)"}}},
                         {"initial", "x"},
                         {"each(a, i)", {{"$eval", "a + a"}}}};
  CHECK_THROWS_AS(render(doubling, json::object()), lotse::tmpl::jsone::Error);
  const std::string deep = std::string(5000, '(') + "1" + std::string(5000, ')');
  CHECK_THROWS_AS(render({{"$eval", deep}}, json::object()), lotse::tmpl::jsone::Error);
  CHECK_THROWS_AS(render({{"$eval", std::string(5000, '-') + "1"}}, json::object()),
                  lotse::tmpl::jsone::Error);
}

TEST_CASE("a value never becomes syntax") {
  const std::string hostile = "${1 + 1}\n- evil: {$eval: x}";
  CHECK(render({{"a", "${v}"}, {"b", {{"$eval", "v"}}}}, {{"v", hostile}}) ==
        json({{"a", hostile}, {"b", hostile}}));
}

TEST_CASE("unary signs bind weaker than access") {
  CHECK(render({{"$eval", "!a.b && -a.c == 0 - 2"}}, {{"a", {{"b", false}, {"c", 2}}}}) ==
        json(true));
}

TEST_CASE("fragments render in the place of what includes them, within the same bounds") {
  using lotse::tmpl::jsone::Error;
  const json node = {{"$include", "f"}};
  const json context = {{"a", 1}, {"b", 2}};
  const json both = {{"$eval", "[a, b]"}};
  CHECK(render({{"x", {{"$let", {{"a", 3}}}, {"in", node}}}, {"y", node}}, context,
               {{"f", both}}) == json({{"x", {3, 2}}, {"y", {1, 2}}}));
  CHECK(render({{"x", node}, {"y", 1}}, context, {{"f", {{"$if", "a > 1"}, {"then", 1}}}}) ==
        json({{"y", 1}}));
  const json escaped = {{"$$include", "f"}};
  CHECK(render(escaped, context, {{"f", both}}) == node);
  CHECK_THROWS_WITH(render(node, context),
                    "TemplateError: $<identifier> is reserved; use $$<identifier>");
  CHECK_THROWS_AS(render({{"$include", "g"}}, context, {{"f", both}}), Error);
  // Ten thousand times ten thousand: many steps in all, few in each fragment.
  const json many = {{"$map", {{"$eval", "range(0, 10000)"}}}, {"each(i)", {{"$include", "g"}}}};
  const json inner = {{"$map", {{"$eval", "range(0, 10000)"}}}, {"each(i)", 1}};
  try {
    render({{"x", {{"$include", "f"}}}}, context, {{"f", many}, {"g", inner}});
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.fragment == "g");
    CHECK(error.path.find(".x") == std::string::npos);
  }
}

TEST_CASE("what PyPI's json-e renders or refuses, and the public suite does not ask") {
  const auto refused = [](const char* text) {
    const auto node = json::parse(text);
    CHECK_THROWS_AS(render(node, json::object()), lotse::tmpl::jsone::Error);
  };
  const auto value = [](const char* expression) {
    return render({{"$eval", expression}},
                  json::parse(R"J({"big": 9007199254740992, "three": 3})J"));
  };
  CHECK(render(json::parse(R"J({"$reduce": [], "initial": "${1}", "each(a,x)": 1})J"),
               json::object()) == json("${1}"));
  CHECK(render(json::parse(R"J({"$map": [7], "each(x,  n)": {"$eval": "x + n"}})J"),
               json::object()) == json({7}));
  refused(R"J({"$map": [7], "each(x , n)": {"$eval": "x + n"}})J");
  refused(R"J({"$map": [7], "each( x)": {"$eval": "x"}})J");
  refused(R"J({"$match": {"true": {"$if": "false", "then": 1}}})J");
  refused(R"J({"$json": {"$if": "false", "then": 1}})J");
  CHECK(value("big + three") == json(9007199254740995));
  CHECK(value("{k: nothing, k: 1}") == json({{"k", 1}}));
  CHECK(value("uppercase('Grüße, ǆ')") == json("GRÜSSE, Ǆ"));
  CHECK(value("lowercase('ÄΩ')") == json("äω"));
  CHECK(value("strip('\u2003a\u00a0')") == json("a"));
}
