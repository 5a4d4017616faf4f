#include "crypto/certificate.h"

#include <catch2/catch.hpp>

#include "support/certificates.h"

using namespace lotse;

TEST_CASE("a key belongs to its own certificate alone") {
  const auto one = test::make_certificates({});
  const auto two = test::make_certificates({});
  CHECK(crypto::is_key_of(one.certificate, one.key));
  CHECK(crypto::is_key_of(one.certificate + two.certificate, one.key));
  CHECK_FALSE(crypto::is_key_of(one.certificate, two.key));
  for (const auto* broken :
       {"", "foo", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CHECK_FALSE(crypto::is_key_of(broken, one.key));
    CHECK_FALSE(crypto::is_key_of(one.certificate, broken));
  }
}

TEST_CASE("a key that needs a password is not asked for: it is none") {
  const auto one = test::make_certificates({});
  const std::string encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
  CHECK_FALSE(crypto::is_key_of(one.certificate, encrypted));
}
