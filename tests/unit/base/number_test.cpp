#include "base/number.h"

#include <catch2/catch.hpp>

using namespace lotse::base;

TEST_CASE("a whole number is read whole or not at all") {
  CHECK(to_integer("9223372036854775807") == INT64_MAX);
  CHECK(to_integer("-5") == -5);
  for (const char* wrong : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x10", "9223372036854775808",
                            "99999999999999999999", "many"})
    CHECK_FALSE(to_integer(wrong));
}

TEST_CASE("a number is finite and decimal") {
  CHECK(to_number("0.25") == 0.25);
  CHECK(to_number("1e-3") == 1e-3);
  for (const char* wrong : {"", "nan", "-nan", "inf", "infinity", "1e999", "0x1p3", "0.5.1", "1,5"})
    CHECK_FALSE(to_number(wrong));
}
