#include "base/strings.h"

#include <catch2/catch.hpp>

using namespace lotse::base;

TEST_CASE("of two words as close, the one that begins alike is meant") {
  CHECK(closest("--gpu", {"--cpu", "--gpus"}) == "--gpus");
  CHECK(closest("--gpu", {"--gpus", "--cpu"}) == "--gpus");
}

TEST_CASE("percent encoding leaves letters, digits and -._~") {
  CHECK(percent_encoded("aZ0-._~") == "aZ0-._~");
  CHECK(percent_encoded("a b/\u00e9#") == "a%20b%2F%C3%A9%23");
}

TEST_CASE("split keeps empty parts") {
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string>{""});
}

TEST_CASE("replace_all does not look at what it put in") {
  CHECK(replace_all("aa", "a", "aa") == "aaaa");
}

TEST_CASE("closest proposes near words only") {
  CHECK(closest("epocs", {"batch", "epochs"}) == "epochs");
  CHECK(closest("trian", {"train", "wait"}) == "train");
  CHECK(closest("epohcs", {"batch", "epochs"}) == "epochs");
  CHECK(closest("tairn", {"train"}).empty());
  CHECK(closest("zzz", {"batch", "epochs"}).empty());
}

TEST_CASE("control characters are shown, not sent") {
  CHECK(printable("plain \xc3\xa9 text") == "plain \xc3\xa9 text");
  CHECK(printable("a\nb\x1b[2Jc\x7f") == "a\\x0ab\\x1b[2Jc\\x7f");
  CHECK(printable("\xc2\x9b 1m \xc2") == "\\x9b 1m \xc2");  // CSI as one character
  CHECK(printable_lines("a\nb\r") == "a\nb\\x0d");
}
