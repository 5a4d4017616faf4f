#include "release/revision.h"

#include <catch2/catch.hpp>

#include "crypto/base64.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::release;

namespace {

Revision revision() {
  Revision one;
  one.number = 7;
  one.content = "0badcafe";
  one.cause = "rollback to 3";
  one.time = "2026-01-02T03:04:05Z";
  one.template_name = "serve";
  one.template_version = "1.0.0";
  one.template_kind = "service";
  one.values = {{"replicas", 3}};
  one.objects = {{{"kind", "Service"}, {"metadata", {{"name", "w"}}}}};
  return one;
}

json with_record(const std::string& record) {
  json secret = to_secret(revision(), "w", {});
  secret["data"]["revision.json"] = crypto::base64_encode(record);
  return secret;
}

}  // namespace

TEST_CASE("a revision comes back out of its Secret as it was") {
  const json secret = to_secret(revision(), "w", {{"a", "b"}});
  CHECK(secret["metadata"]["name"] == "w.r7");
  CHECK(secret["metadata"]["labels"] == json{{"a", "b"}});
  const auto read = from_secret(secret);
  CHECK(is_same(read, revision()));
  CHECK(read.number == 7);
  CHECK(read.content == "0badcafe");
  CHECK(read.cause == "rollback to 3");
  CHECK(read.time == "2026-01-02T03:04:05Z");
  CHECK(read.template_kind == "service");
}

TEST_CASE("a record that is damaged, or of a later version, is told apart") {
  for (const char* damaged : {"", "[]", "{\"format\":1}", "{\"objects\":[]}", "{\"form"})
    CHECK(test::error_from([&] { from_secret(with_record(damaged)); }).kind() ==
          base::ErrorKind::failed);
  const auto later =
      test::error_from([] { from_secret(with_record("{\"format\":2,\"objects\":[]}")); });
  CHECK(later.kind() == base::ErrorKind::invalid);
  CHECK_THAT(later.what(), Catch::Contains("secret/w.r7 has the format 2"));
}

TEST_CASE("what no Secret can hold is refused") {
  auto large = revision();
  large.values["text"] = std::string(1024 * 1024, 'x');
  CHECK(test::error_from([&] { to_secret(large, "w", {}); }).kind() == base::ErrorKind::invalid);
  large.values["text"] = std::string(1000 * 1000, 'x');
  CHECK(is_same(from_secret(to_secret(large, "w", {})), large));
}
