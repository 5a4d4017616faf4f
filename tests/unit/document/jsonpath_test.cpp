#include "document/jsonpath.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "document/document.h"

using lotse::document::JsonPath;
using nlohmann::json;

namespace {

std::string filled(const std::string& text, const json& value) {
  return JsonPath(text).fill(value);
}

std::string refusal(const std::string& text, const json& value = json::object()) {
  try {
    filled(text, value);
  } catch (const lotse::base::Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

// kubectl_jsonpath.json holds an object, and what kubectl 1.36.3 made of templates for it
// (`kubectl label --local -f FILE x=y -o jsonpath=...`): the text, or that it refused.
TEST_CASE("templates mean what kubectl itself takes them for") {
  const auto answers =
      lotse::document::read_document("tests/unit/document/kubectl_jsonpath.json").value;
  REQUIRE(answers["answers"].size() > 60);
  for (const auto& answer : answers["answers"]) {
    const std::string text = answer["template"];
    INFO(text);
    if (answer.contains("text"))
      CHECK(filled(text, answers["object"]) == answer["text"].get<std::string>());
    else
      CHECK(refusal(text, answers["object"]) != "accepted");
  }
}

TEST_CASE("what is not understood is refused with its place") {
  const std::pair<const char*, const char*> wrong[] = {
      {"{.a", "jsonpath:4: '}' is missing"},
      {"x{.a b}", "jsonpath:6: 'b' is not understood"},
      {"{range .items[*]}{.a}", "jsonpath:22: {range} without {end}"},
      {"{end}", "jsonpath:6: {end} without {range}"},
      {"{\"abc}", "jsonpath:2: this text has no end"},
      {"{\"\\q\"}", "jsonpath:4: this escape"},
      {"{.a[x]}", "jsonpath:5: here a number"},
      {"{.a[1}", "jsonpath:6: ']' is missing"},
      {"{.a[99999999999999999999]}", "jsonpath:5: this number is too large"},
      {"{.a[0:1:0]}", "jsonpath:10: a step"},
      {"{.a[?(@.b==\"c\" && @.d)]}", "jsonpath:16: '&' is not understood in a filter"},
      {"{.a[?(@.b=~\"c\")]}", "jsonpath:10: '=' is not understood in a filter"},
      {"{.a[?(@.b==c)]}", "jsonpath:12: here @.path"},
      {"{a}", "jsonpath:2: here a path must begin"},
      {"{}", "jsonpath:2: here a path must begin"},
      {"{..}", "jsonpath:4: a name is missing"},
      {"{.}", "jsonpath:3: a name is missing"},
      {"{.a['b}", "jsonpath:5: this name has no end"}};
  for (const auto& [text, message] : wrong) {
    INFO(text);
    CHECK_THAT(refusal(text), Catch::StartsWith(message));
  }
}
