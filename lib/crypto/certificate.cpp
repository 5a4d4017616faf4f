#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace lotse::crypto {

namespace {

std::unique_ptr<BIO, decltype(&BIO_free)> reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

/// Answers OpenSSL when it wants a password: without this it would ask the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

}  // namespace

bool is_key_of(const std::string& certificate, const std::string& key) {
  const std::unique_ptr<X509, decltype(&X509_free)> first(
      PEM_read_bio_X509(reader(certificate).get(), nullptr, no_password, nullptr), X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> second(
      PEM_read_bio_PrivateKey(reader(key).get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  const bool fits = first && second && X509_check_private_key(first.get(), second.get()) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace lotse::crypto
