#include "base/utf8.h"

#include <catch2/catch.hpp>

using namespace lotse::base;

TEST_CASE("printable: what a terminal would obey, or not show, is written out") {
  CHECK(printable("a\nb\r\t\x1b[31m\x7f") == "a\\nb\\r\\t\\x1b[31m\\x7f");
  CHECK(printable("\u0085\u202eexe.gpj\ufeff\u2028") == "\\u0085\\u202eexe.gpj\\ufeff\\u2028");
  CHECK(printable("\xff\xc3(\xe2\x82") == "\\xff\\xc3(\\xe2\\x82");
  CHECK(printable("Straße, 猫 \U0001F431 \\n") == "Straße, 猫 \U0001F431 \\n");
  CHECK(printable_lines("a\x1b\nb\n") == "a\\x1b\nb\n");
}
