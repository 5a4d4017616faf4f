#include "document/raw_json.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "base/error.h"
#include "document/raw_yaml.h"
#include "document/write.h"

using namespace lotse::document;
using nlohmann::json;

namespace {

std::string indented(std::string_view text, size_t depth = 0) {
  std::string out;
  append_indented(out, text, depth);
  return out;
}

/// A value of every shape, with all that makes strings hard.
json any_value(std::mt19937& random, int depth) {
  static const std::string alphabet = "ab\"\\{}[],: \n\t\x01\u00e4/";
  const auto text = [&] {
    std::string out;
    for (auto n = random() % 6; n > 0; --n) {
      const char c = alphabet[random() % 14];
      out += c;
    }
    return out;
  };
  switch (random() % (depth > 4 ? 5 : 7)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<int64_t>(random()) - 1000;
    case 3:
      return 1.5e-7 * static_cast<double>(random() % 1000);
    case 4:
      return text();
    case 5: {
      json array = json::array();
      for (auto n = random() % 4; n > 0; --n) array.push_back(any_value(random, depth + 1));
      return array;
    }
    default: {
      json object = json::object();
      for (auto n = random() % 4; n > 0; --n) object[text()] = any_value(random, depth + 1);
      return object;
    }
  }
}

}  // namespace

TEST_CASE("indented text is the same value, as nlohmann would indent it") {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const json value = any_value(random, 0);
    const auto spaced = value.dump(static_cast<int>(random() % 3));
    const auto out = indented(spaced);
    INFO(spaced);
    REQUIRE(out == value.dump(2));
  }
  CHECK(indented("{ }") == "{}");
  CHECK(indented("{\"a\":[1]}", 1) == "{\n    \"a\": [\n      1\n    ]\n  }");
}

TEST_CASE("members and elements are what the parser finds") {
  std::mt19937 random(8);
  for (int i = 0; i < 2000; ++i) {
    const json value = any_value(random, 0);
    const auto text = value.dump(1);
    if (value.is_object()) {
      const auto members = raw_members(text);
      REQUIRE(members.size() == value.size());
      for (const auto& member : members) {
        const std::string key = json::parse("\"" + std::string(member.key) + "\"");
        REQUIRE(json::parse(member.value) == value[key]);
      }
    } else if (value.is_array()) {
      const auto elements = raw_elements(text);
      REQUIRE(elements.size() == value.size());
      for (size_t n = 0; n < elements.size(); ++n) REQUIRE(json::parse(elements[n]) == value[n]);
    }
  }
}

TEST_CASE("a member is found and left out") {
  const std::string text = R"({"a": {"b": 1}, "c": [2], "d": null})";
  CHECK(raw_member(text, "c") == "[2]");
  CHECK(raw_member(text, "x").empty());
  CHECK(json::parse(without_members(text, {{"c"}})) == json::parse(R"({"a":{"b":1},"d":null})"));
  CHECK(without_members("{\"a\":1}", {{"a"}}) == "{}");
  CHECK(without_members(R"({"l":[{"a":1,"b":2},{"b":3},[{"b":4}],5],"b":[]})",
                        {{"l", "b"}, {"x"}}) == R"({"l":[{"a":1},{},[{}],5],"b":[]})");
  CHECK(raw_text(R"({"a":{"b":"c"},"d":7})", {"a", "b"}) == "c");
  for (const RawPath& path : std::vector<RawPath>{{"a"}, {"d"}, {"a", "b", "c"}, {"x"}})
    CHECK(raw_text(R"({"a":{"b":"c"},"d":7})", path).empty());
}

TEST_CASE("broken structure is an error, never a crash; any bytes") {
  for (const char* text :
       {"", "{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{\"a\" 1}", "[1,", "[1 2]",
        "\"", "\"\\", "{\"a\":\"\\\"}", "[}", "{]", "{,}", "x"}) {
    INFO(text);
    CHECK_THROWS_AS(raw_members(text), lotse::base::Error);
  }
  for (const char* text : {"", "[", "[1", "{\"a\":[}", "\"", "]", "}", ",", ":", "[[]", "{\"a\""})
    CHECK_THROWS_AS(indented(text), lotse::base::Error);
  std::mt19937 random(9);
  const std::string alphabet = "{}[]\",:\\a1 \n";
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += alphabet[random() % alphabet.size()];
    for (const auto& work : {+[](const std::string& t) { raw_members(t); },
                             +[](const std::string& t) { raw_elements(t); },
                             +[](const std::string& t) { indented(t); },
                             +[](const std::string& t) {
                               std::string out;
                               append_yaml(out, t);
                             }})
      try {
        work(text);
      } catch (const lotse::base::Error&) {
      }
    if (json::accept(text)) REQUIRE(json::parse(indented(text)) == json::parse(text));
  }
}

TEST_CASE("JSON text becomes the YAML of its value, byte for byte") {
  const auto yaml = [](std::string_view text) {
    std::string out;
    append_yaml(out, text);
    return out;
  };
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    const json value = any_value(random, 0);
    CHECK(yaml(value.dump(random() % 2 == 0 ? -1 : 1)) == write_yaml(value));
  }
  for (const auto* text :
       {R"({"b":1,"a":2,"b":{"c":[]}})", R"(["\u00e4\/","\ud83d\ude00",-0,1e3,1.50,1E-7])",
        R"([18446744073709551615,-9223372036854775808,123456789012345678,0])", "[[[1,[2]],[]],{}]",
        R"({"":"","a\nb":"c\nd\n","true":"true"})", "\"x\"", "7", "{}"})
    CHECK(yaml(text) == write_yaml(json::parse(text)));
  std::string item = "- ";
  append_yaml(item, R"({"b":"x\ny","a":[1,{"c":null}]})", 2, true);
  CHECK(item == "- a:\n  - 1\n  - c: null\n  b: |-\n    x\n    y\n");
  for (const auto* broken : {"{", "[1,]", R"({"a" 1})", "[nothing]", R"(["\x"])", "[1 2]", ""})
    CHECK_THROWS_AS(yaml(broken), lotse::base::Error);
  CHECK_THROWS_AS(yaml(std::string(2000, '[') + std::string(2000, ']')), lotse::base::Error);
}
