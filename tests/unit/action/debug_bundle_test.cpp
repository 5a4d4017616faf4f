#include "action/debug_bundle.h"

#include <catch2/catch.hpp>

using lotse::action::without_credentials;

TEST_CASE("what stands before the @ of a URL is left out, and nothing else") {
  CHECK(without_credentials("rtsp://admin:pw@camera/1 and s3://key@bucket") ==
        "rtsp://(hidden)@camera/1 and s3://(hidden)@bucket");
  CHECK(without_credentials("https://a:b@c@host:1/x@y") == "https://(hidden)@host:1/x@y");
  for (const char* plain : {"https://host/a@b", "a@b.c", "http://", "://", "https://host\nme@x"})
    CHECK(without_credentials(plain) == plain);
}
