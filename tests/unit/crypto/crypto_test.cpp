#include <catch2/catch.hpp>

#include "crypto/base64.h"
#include "crypto/digest.h"
#include "crypto/pem.h"

using namespace lotse::crypto;

TEST_CASE("SHA-256 gives the values of FIPS 180-4's examples") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("SHA-256 in pieces equals SHA-256 at once") {
  Sha256 digest;
  for (int i = 0; i < 10; ++i) digest.update(std::string(100'000, 'a'));
  CHECK(digest.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("base64 gives RFC 4648's test vectors, both ways") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (size_t length = 0; length <= all.size(); ++length)
    CHECK(base64_decode(base64_encode(all.substr(0, length))) == all.substr(0, length));
}

TEST_CASE("base64 that no encoder wrote is refused") {
  for (const std::string wrong : {"Z", "Zg", "Zg=", "Zg===", "Zm8", "=", "====", "Zg==Zg==",
                                  "Zm9v=", "Zm 9v", "Zm9_", "Zh==", "Zm9=", "Z=g="})
    CHECK_FALSE(base64_decode(wrong).has_value());
  CHECK(base64_decode("Zm9v\r\nYmFy\n") == "foobar");
}

TEST_CASE("PEM blocks are named") {
  const std::string pem =
      "text before\n-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
      "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n"
      "-----BEGIN CERTIFICATE-----\nhas no end";
  CHECK(pem_labels(pem) == std::vector<std::string>{"CERTIFICATE", "EC PRIVATE KEY"});
  CHECK(has_certificate(pem));
  CHECK(has_private_key(pem));
  CHECK_FALSE(has_certificate("no PEM"));
  CHECK_FALSE(has_private_key("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"));
}
