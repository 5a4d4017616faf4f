#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "base/strings.h"
#include "document/document.h"
#include "document/write.h"

using lotse::document::parse_json;
using lotse::document::parse_scalar;
using lotse::document::parse_yaml;
using lotse::document::parse_yaml_stream;
using lotse::document::write_yaml;
using nlohmann::json;

namespace {
std::string refusal(const std::string& text, bool as_json = false) {
  try {
    as_json ? parse_json(text, "f") : parse_yaml(text, "f");
  } catch (const lotse::base::Error& error) {
    return error.what();
  }
  return "accepted";
}
bool begins(const std::string& text, const std::string& with) {
  return text.rfind(with, 0) == 0;
}
}  // namespace

TEST_CASE("scalars are read as kubectl reads them (YAML 1.1 by go-yaml v2)") {
  for (const auto* word : {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
    CHECK(parse_scalar(word) == json(true));
  for (const auto* word :
       {"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"})
    CHECK(parse_scalar(word) == json(false));
  for (const auto* word : {"", "~", "null", "Null", "NULL"}) CHECK(parse_scalar(word).is_null());
  for (const auto* word :
       {"yEs", "tRUE", "nULL", "oN", "1.2.3", "2001-12-14", "12:30:45", "0x", "-", "+", ".", "1e",
        "0b12", "0o8", "e5", "1 000", "a_b", "99999999999999999999x"})
    CHECK(parse_scalar(word) == json(word));
  const std::map<std::string, json> numbers{{"0", 0},
                                            {"-0", 0},
                                            {"+1", 1},
                                            {"017", 15},
                                            {"0o17", 15},
                                            {"08", 8},
                                            {"0x1F", 31},
                                            {"0b101", 5},
                                            {"-0x10", -16},
                                            {"1_000", 1000},
                                            {"1e3", 1000},
                                            {"1.5", 1.5},
                                            {".5", 0.5},
                                            {"-.5", "-.5"},
                                            {"1.", 1},
                                            {"1e-2", 0.01},
                                            {"12e03", 12000},
                                            {"6.02e23", 6.02e23},
                                            {"8.0", 8},
                                            {"9223372036854775807", INT64_MAX},
                                            {"-9223372036854775808", INT64_MIN},
                                            {"9223372036854775808", 9223372036854775808.0},
                                            {"18446744073709551615", 18446744073709551616.0},
                                            {"1152921504606846976.0", 1152921504606847000}};
  for (const auto& [text, value] : numbers) {
    if (text == "-.5") continue;
    INFO(text);
    CHECK(parse_scalar(text) == value);
    CHECK(parse_scalar(text).is_number_integer() == value.is_number_integer());
  }
  CHECK(parse_scalar("-.5") == json(-0.5));
  CHECK(parse_yaml("[ 'yes', \"1\", !!str 2, !!int 3 ]", "f").value == json({"yes", "1", "2", 3}));
  CHECK(parse_yaml("[ !local 1, !local {a: 1}, ! 2 ]", "f").value == json({"1", {{"a", 1}}, "2"}));
  CHECK(begins(refusal("a: .nan"), "f:1:4: "));
}

TEST_CASE("keys become strings, merges follow the specification") {
  CHECK(parse_yaml("{1: a, yes: b, c: d}", "f").value ==
        json({{"1", "a"}, {"true", "b"}, {"c", "d"}}));
  const auto merged = parse_yaml("a: &a {x: 1, y_: 2}\nb:\n  <<: *a\n  x: 3\n", "f");
  CHECK(merged.value["b"] == json({{"x", 3}, {"y_", 2}}));
  CHECK(merged.where("/b/y_") == "f:1:18");
  CHECK(begins(refusal("a: &a {x: 1}\nb:\n  x: 3\n  <<: *a\n"), "f:4:3: "));
}

TEST_CASE("every value has a position") {
  const auto document =
      parse_yaml("# c\nspec:\n  containers:\n  - name: x\n    args: [a, b]\n", "job.yaml");
  CHECK(document.where("/spec/containers/0/name") == "job.yaml:4:11");
  CHECK(document.where("/spec/containers/0/args/1") == "job.yaml:5:15");
  CHECK(document.where("/spec/containers/7/x") == "job.yaml:4:3");
  CHECK(lotse::document::display_path("/spec/containers/0/a~1b") == "spec.containers[0][\"a/b\"]");
  const auto other = parse_json("{\"a\":\n  [1, {\"b\": null}]}", "v.json");
  CHECK(other.where("/a/1/b") == "v.json:2:13");
}

TEST_CASE("what kubectl would guess or lose is refused with its place") {
  const auto twice = refusal("a: 1\nb: 2\na: 3\n");
  CHECK(begins(twice, "f:3:1: the key \"a\" is there twice"));
  CHECK(twice.find("line 1") != std::string::npos);
  CHECK(begins(refusal("yes: 1\non: 2\n"), "f:2:1: "));
  CHECK(begins(refusal("a: 1\nb: [1, 2\n"), "f:"));
  CHECK(begins(refusal("a: \x80\n"), "f:1:4: is not UTF-8"));
  CHECK(begins(refusal(std::string("a: b\0c", 6)), "f:1:5: "));
  CHECK(begins(refusal("a: !!binary eA=="), "f:1:13: "));
  CHECK(begins(refusal("[a]: b"), "f:1:"));
  CHECK(begins(refusal("{\"a\": 1,\n \"a\": 2}", true), "f:2:2: the key \"a\""));
  CHECK(begins(refusal("{\"a\": 1,\n ]}", true), "f:2:2: is not JSON"));
  CHECK(begins(refusal(std::string(101, '[') + std::string(101, ']')), "f:1:101: nested deeper"));
  CHECK(begins(refusal(std::string(3000, '['), true), "f:"));
  CHECK(begins(refusal(std::string(3000, '[') + std::string(3000, ']'), true), "f:1:102: nested"));
  CHECK(parse_yaml(std::string(100, '[') + std::string(100, ']'), "f").value.is_array());
}

TEST_CASE("slips of indentation and of quotes are told what to do") {
  CHECK(refusal("a: 1\n b: 2\n") ==
        "f:1:4: invalid multiline plain key\n"
        "  the keys of a mapping begin in one column, and a key with lines below it has nothing "
        "behind its ':'");
  CHECK(refusal("a:\n  b: 1\n c: 2\n").find("begin in one column") != std::string::npos);
  CHECK(refusal("a: {b: ${values.x}}\n") ==
        "f:1:9: missing comma in flow mapping\n"
        "  within { } and [ ] quote a text that has braces, brackets or commas: \"${...}\"");
  CHECK(refusal("a:\n\tb: 1\n").find("indent by spaces") != std::string::npos);
}

TEST_CASE("a tab before an indicator, with explicit keys, is refused: libfyaml would crash") {
  const std::string text =
      GENERATE("? a:\t? ", "? a:\t :", "? a: x\r\n  b:\t- c\n", "- ? [a]: \t - x", "\uFEFF? a:\t?",
               "--- !!map ? \"a\":\t- b", "x: 1\ny:\n  ? a:\t|\t- x\n");
  CHECK_THROWS_WITH(parse_yaml(text, "f"), Catch::Contains("a tab before an indicator"));
  CHECK(parse_yaml("? a\n: b\n", "f").value == json{{"a", "b"}});
  CHECK(parse_yaml("text: |\n  x\t- y\n  \t- z\n", "f").value["text"] == "x\t- y\n\t- z\n");
}

TEST_CASE("aliases that grow without bound are refused") {
  std::string bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 10; ++i) {
    std::string aliases;
    for (int j = 0; j < 9; ++j) aliases += lotse::base::cat(j ? ", *a" : "*a", i - 1);
    bomb += lotse::base::cat("a", i, ": &a", i, " [", aliases, "]\n");
  }
  CHECK(refusal(bomb).find("aliases expand") != std::string::npos);
  CHECK(begins(refusal("a: &a [*a]"), "f:1:"));
}

TEST_CASE("a stream holds several documents") {
  const auto documents = parse_yaml_stream("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n", "f");
  REQUIRE(documents.size() == 2);
  CHECK(documents[1].value == json({{"b", 2}}));
  CHECK(documents[1].where("/b") == "f:6:4");
  CHECK(begins(refusal("a: 1\n---\nb: 2\n"), "f:3:1: holds several"));
}

TEST_CASE("quoted texts and blocks are unfolded and unescaped") {
  const std::map<std::string, std::string> texts{
      {"'a''''x'", "a''x"},
      {"'a\n\n  b\n '", "a\nb "},
      {"\"a\\\n   b\\ \n c\"", "ab  c"},
      {"\"\\x41\\u00e9\\U0001F600\\t\\/\\_\"", "A\u00e9\U0001F600\t/\u00a0"},
      {"a\n  b\n\n  c", "a b\nc"},
      {"|\n  a\n   b\n\n", "a\n b\n"},
      {"|+\n  a\n\n", "a\n\n"},
      {"|2\n   a", " a\n"},
      {">-\n  a\n  b\n\n  c\n   d\n  e\n", "a b\nc\n d\ne"},
      {"|\n\n", ""},
      {"|", ""},
      {"&b !!str >-  # | not this\n  a\n", "a"},
  };
  for (const auto& [written, text] : texts) {
    INFO(written);
    CHECK(parse_yaml("k: " + written, "f").value == json({{"k", text}}));
  }
  CHECK(begins(refusal(R"(a: "\ud83d")"), "f:1:"));
  CHECK(begins(refusal(R"(a: "\xg0")"), "f:1:"));
  CHECK(begins(refusal("a: |1\n\n"), "f:1:4: a block"));
  const auto document = parse_yaml("a: 'x'\nb:  |\n  x\nc:\n", "f");
  CHECK(document.where("/a") == "f:1:4");
  CHECK(document.where("/b") == "f:2:5");
  CHECK(document.where("/c") == "f:4:2");
}

TEST_CASE("what kubectl would silently read as something else is refused") {
  for (const auto* text : {"[?x]", "{a:, b: 1}", "&a:b c", "---\na\n...\nb: 1\n", "a: b\u2028c",
                           "a: \"b\u0085\"", "a: 1\n b: 2\n", "  a: 1\n b: 2\n", ",", "- [a, , b]"})
    CHECK(begins(refusal(text), "f:"));
}

TEST_CASE("written YAML looks like kubectl's") {
  const json value = {{"args", {"a: b", "true", "x"}},
                      {"e", json::object()},
                      {"l", json::array()},
                      {"nested", {{"list", {{{"name", "job"}, {"v", 1}}}}}},
                      {"text", "one\n two\n"}};
  CHECK(
      write_yaml(value) ==
      "args:\n- 'a: b'\n- \"true\"\n- x\ne: {}\nl: []\nnested:\n  list:\n  - name: job\n    v: 1\n"
      "text: |\n  one\n   two\n");
}

TEST_CASE("what is written reads back the same") {
  std::vector<std::string> strings{
      "",           " ",     "yes",        "y",      "~",          "null",        "1",
      "017",        "0o7",   "1_0",        "1e3",    ".inf",       "-.Inf",       ".nan",
      "<<",         "=",     "2001-01-01", "1:30",   "- a",        "-",           "--- x",
      "...",        "? x",   "a: b",       "a:",     ":",          ":a",          "a #b",
      "#a",         "&a",    "*a",         "!a",     "%a",         "@a",          "`a",
      "{a}",        "[a]",   "'",          "\"",     "a'b",        "it's: \"x\"", "a\nb",
      "a\nb\n",     "a\n\n", "\na",        " a\nb",  "a \nb",      "a\tb",        "\t",
      "a\r\nb",     "\x01",  "\x7f",       "\u0085", "\u2028",     "\uFEFF",      "ü",
      "\U0001F600", "a\\b",  "> x",        "| x",    "a\n  b\n c", "a\n\nb",      "a\n \nb",
      "\n",         "\n\n",  "a,b",        "x]",     "-a",         "-1x",         "--a",
      "---"};
  std::mt19937 random(1);
  const std::string alphabet = "ab01 :-#'\"\n\t{}[],&*!|>%@`?~.ey_+=\\";
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (auto n = random() % 8; n > 0; --n) text += alphabet[random() % alphabet.size()];
    strings.push_back(text);
  }
  for (const auto& text : strings) {
    const json value = {{"k", text},
                        {"l", {text, {{"m", text}}}},
                        {text, {{"n", json::array({json::array({text})})}}}};
    const auto written = write_yaml(value);
    INFO(written);
    CHECK(parse_yaml(written, "f").value == value);
    CHECK(parse_yaml(write_yaml(text), "f").value == json(text));
  }
}

// kubectl_scalars.json holds what `kubectl create --dry-run=client -o json` of 1.36.3 made of
// random and well-known scalars, library_scalars.json what its libraries make of others
// (tests/oracle): a text and its value, or a text alone that is refused.
TEST_CASE("scalars mean what kubectl takes them for, or are refused with their place") {
  const std::string file = GENERATE("kubectl_scalars.json", "library_scalars.json");
  const auto answers = lotse::document::read_document("tests/unit/document/" + file).value;
  REQUIRE(answers.size() > 2000);
  size_t equal = 0;
  for (const auto& answer : answers) {
    const std::string text = answer[0];
    INFO(text);
    try {
      const auto mine = parse_yaml(lotse::base::cat("- ", text), "f").value[0];
      REQUIRE(answer.size() == 2);
      CHECK(mine == answer[1]);
      CHECK(mine.is_number_integer() == answer[1].is_number_integer());
      CHECK(std::string(mine.type_name()) == answer[1].type_name());
      ++equal;
    } catch (const lotse::base::Error& error) {
      CHECK(begins(error.what(), "f:1:"));
    }
  }
  CHECK(equal >= answers.size() * 98 / 100);
}
