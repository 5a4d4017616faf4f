#include "object/quantity.h"

#include <catch2/catch.hpp>
#include <limits>

#include "base/error.h"
#include "document/document.h"

using namespace lotse::object;
using namespace std::chrono_literals;

namespace {
constexpr int64_t most = std::numeric_limits<int64_t>::max();
}

TEST_CASE("quantities have the value that apimachinery gives them") {
  struct Row {
    const char* text;
    int64_t value, milli;
  };
  const Row rows[] = {
      {"0", 0, 0},
      {"2", 2, 2000},
      {"+2", 2, 2000},
      {"-2", -2, -2000},
      {"500m", 1, 500},
      {"-500m", -1, -500},
      {"1001m", 2, 1001},
      {"0.5", 1, 500},
      {".5", 1, 500},
      {"5.", 5, 5000},
      {"1n", 1, 1},
      {"0.1n", 1, 1},
      {"100u", 1, 1},
      {"1k", 1000, 1'000'000},
      {"1.5Gi", 1'610'612'736, 1'610'612'736'000},
      {"0.1Ki", 103, 102'400},
      {"1Ei", 1'152'921'504'606'846'976, most},
      {"12e6", 12'000'000, 12'000'000'000},
      {"12E+6", 12'000'000, 12'000'000'000},
      {"12e-3", 1, 12},
      {"1E", 1'000'000'000'000'000'000, most},
      {"0001", 1, 1000},
      {"0.000000000000000000000000000000000000001", 1, 1},
      {"123456789012345678901234567890", most, most},
      {"-123456789012345678901234567890", -most, -most},
      {"9Ei", most, most},
      {"1e2000000000", most, most},
      {"1e-2000000000", 1, 1},
      {".", 0, 0},
      {"-", 0, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto quantity = Quantity::try_parse(row.text);
    REQUIRE(quantity.has_value());
    CHECK(quantity->value() == row.value);
    CHECK(quantity->milli_value() == row.milli);
  }
}

TEST_CASE("what is not a quantity is refused by name") {
  for (const char* wrong : {"",   " 1",    "1 ",    "1K",    "1ki",  "1KI",      "1mi",
                            "1e", "1e+-3", "1e3.5", "1.2.3", "0x10", "1Gib",     "--1",
                            "1-", "1+3",   "e3x",   "NaN",   "1,5",  "\xc2\xb5", "1e99999999999"}) {
    CAPTURE(wrong);
    CHECK_FALSE(Quantity::try_parse(wrong).has_value());
  }
  CHECK_THROWS_WITH(Quantity::parse("8 GB"), Catch::Contains("'8 GB'"));
}

TEST_CASE("quantities are compared by value") {
  CHECK(Quantity::parse("1000m") == Quantity::parse("1"));
  CHECK(Quantity::parse("1Gi") > Quantity::parse("1G"));
  CHECK(Quantity::parse("-1") < Quantity::parse("0"));
}

TEST_CASE("durations are those of Go's time.ParseDuration") {
  CHECK(parse_duration("0") == 0ns);
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration(".5s") == 500ms);
  CHECK(parse_duration("1h1m1s1ms1us1ns") == 3661s + 1'001'001ns);
  CHECK(parse_duration("-2s") == -2s);
  CHECK(parse_duration("0.3333333333333333333h") == 20min);
  CHECK(parse_duration("2540400h10m10.000000000s") == 2540400h + 10min + 10s);
  for (const char* wrong :
       {"", "3", "-", "s", ".", ".s", "1d", "1 s", "1h-1m", "3000000h", "1s "}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong).has_value());
  }
}

// quantities.json holds generated texts (tests/oracle): a text, its value and its value in
// thousandths, or a text alone that is refused; behind them what k8s.io/apimachinery v0.36.3 itself
// says where its integers overflow: beyond 64 bits, and below zero with many digits.
TEST_CASE("3,100 generated quantities have the value that apimachinery gives them") {
  const auto rows = lotse::document::read_document("tests/unit/object/quantities.json").value;
  size_t equal = 0;
  for (const auto& row : rows) {
    const std::string text = row[0];
    CAPTURE(text);
    const auto quantity = Quantity::try_parse(text);
    REQUIRE(quantity.has_value() == (row.size() > 1));
    if (row.size() < 4) ++equal;
    if (!quantity) continue;
    CHECK(quantity->value() == row[1].get<int64_t>());
    CHECK(quantity->milli_value() == row[2].get<int64_t>());
    if (row.size() < 4) continue;
    const bool beyond = std::abs(row[2].get<int64_t>()) == most;
    CHECK((beyond || text[0] == '-'));
  }
  CHECK(equal > 2000);
}

// The same of Go's time.ParseDuration: a text and its nanoseconds.
TEST_CASE("1,190 generated durations are as long as Go's") {
  const auto rows = lotse::document::read_document("tests/unit/object/durations.json").value;
  REQUIRE(rows.size() > 1000);
  for (const auto& row : rows) {
    const std::string text = row[0];
    CAPTURE(text);
    const auto duration = parse_duration(text);
    REQUIRE(duration.has_value() == (row.size() == 2));
    if (duration) CHECK(duration->count() == row[1].get<int64_t>());
  }
}
