#include <catch2/catch.hpp>
#include <cstdlib>

#include "base/error.h"
#include "contract/environment.h"
#include "contract/event.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "contract/progress_lines.h"

using namespace lotse::contract;
using lotse::base::Error;

TEST_CASE("a volume path is resolved through its variable") {
  CHECK(environment::volume_variable("my-data") == "LOTSE_VOLUME_MY_DATA");
  ::setenv("LOTSE_VOLUME_MY_DATA", "/somewhere", 1);
  CHECK(resolve_file("volume:my-data/a/b.yaml") == "/somewhere/a/b.yaml");
  CHECK(resolve_file("plain/file") == "plain/file");
  CHECK_THROWS_AS(resolve_file("volume:unknown/x"), Error);
}

TEST_CASE("a volume path cannot leave its volume") {
  CHECK_THROWS_AS(parse_volume_path("volume:data/../x"), Error);
  CHECK_THROWS_AS(parse_volume_path("volume:data//etc"), Error);
  CHECK_THROWS_AS(parse_volume_path("volume:UPPER/x"), Error);
  CHECK_THROWS_AS(parse_volume_path("volume:../x"), Error);
  CHECK_THROWS_AS(parse_volume_path("volume:a..b/x"), Error);
  CHECK(parse_volume_path("volume:team.data/x")->volume == "team.data");
  CHECK_FALSE(parse_volume_path("./volume"));
}

TEST_CASE("events come back as they went") {
  const Event event{"epoch", "epoch 1/3", {{"epoch", 1}, {"map50", 0.5}}};
  const auto line = encode(event);
  CHECK(line.find('\n') == std::string::npos);
  const auto back = decode(line);
  REQUIRE(back);
  CHECK(back->type == "epoch");
  CHECK(back->message == "epoch 1/3");
  CHECK(back->fields == event.fields);
}

TEST_CASE("lines that are no events are not taken for one") {
  for (const char* line : {"", "{", "hello", "{\"a\":1}", "[1]", "{\"event\":1}"})
    CHECK_FALSE(decode(line));
}

TEST_CASE("only Lotse's own codes pass through wait") {
  for (int code : {0, 1, 2, 75, 76, 77}) CHECK(passed_on(code) == code);
  for (int code : {3, 42, 137, 143}) CHECK(passed_on(code) == 1);
}

TEST_CASE("progress without a terminal: a line after 8 s of silence, and the end of a phase") {
  using std::chrono::seconds;
  ProgressLines lines;
  const auto start = std::chrono::steady_clock::now() + seconds(100);
  const Event half{"progress", "epoch 1/3 16/32", {{"done", 16}, {"total", 32}}};
  const Event whole{"progress", "epoch 1/3 32/32", {{"done", 32}, {"total", 32}}};
  lines.printed(start);
  CHECK_FALSE(lines.due(half, start + seconds(7)));
  CHECK(lines.due(half, start + seconds(8)));
  CHECK(lines.due(whole, start + seconds(1)));
  lines.printed(start + seconds(8));
  CHECK_FALSE(lines.due(half, start + seconds(15)));
  CHECK_FALSE(lines.due({"progress", "", {{"done", 1}, {"total", 1}}}, start + seconds(20)));
}
