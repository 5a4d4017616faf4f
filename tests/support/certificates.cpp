#include "support/certificates.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace lotse::test {

namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Key new_key() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  check(key != nullptr, "EVP_EC_gen");
  return {key, EVP_PKEY_free};
}

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  check(write(out.get()) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(size)};
}

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  check(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate blank(const std::string& common_name, long begins, long ends, const Key& key) {
  static long serial = 1;
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begins);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ends);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return certificate;
}

/// Signs certificates; itself signed by `by`, or by itself.
struct Authority {
  Key key = new_key();
  Certificate certificate;
  explicit Authority(const char* name, const Authority* by = nullptr, long ends = 86400,
                     const char* may_sign = "critical,CA:TRUE")
      : certificate(blank(name, -86400, ends, key)) {
    X509* const issuer = by == nullptr ? certificate.get() : by->certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    add_extension(certificate.get(), issuer, NID_basic_constraints, may_sign);
    sign(certificate.get(), by == nullptr ? key : by->key);
  }
  static void sign(X509* signee, const Key& key) {
    check(X509_sign(signee, key.get(), EVP_sha256()) > 0, "X509_sign");
  }
};

std::string pem_of(const Certificate& certificate) {
  return pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

using Issuer = CertificateWish::Issuer;

const Authority& root() {
  static const Authority authority("test authority");
  return authority;
}

const Authority& issuer_of(Issuer issuer) {
  static const Authority between("test intermediate", &root());
  static const Authority expired("test expired intermediate", &root(), -3600);
  static const Authority none("test no authority", &root(), 86400, "critical,CA:FALSE");
  switch (issuer) {
    case Issuer::authority:
      return root();
    case Issuer::expired:
      return expired;
    case Issuer::no_authority:
      return none;
    default:
      return between;
  }
}

}  // namespace

Certificates make_certificates(const CertificateWish& wish) {
  const Authority& authority = issuer_of(wish.issuer);
  const Key key = new_key();
  const Certificate certificate = blank(wish.common_name, wish.begins, wish.ends, key);
  X509* const issuer = wish.self_signed ? certificate.get() : authority.certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  add_extension(certificate.get(), issuer, NID_subject_alt_name, wish.alternative_names);
  add_extension(certificate.get(), issuer, NID_ext_key_usage, wish.usage);
  Authority::sign(certificate.get(), wish.self_signed ? key : authority.key);
  const bool alone = wish.issuer == Issuer::authority || wish.issuer == Issuer::missing;
  return {pem_of(root().certificate),
          pem_of(certificate) + (alone ? "" : pem_of(authority.certificate)), pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

TlsContext server_context(const Certificates& certificates) {
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
  const auto bio_of = [](const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
  };
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const auto chain = bio_of(certificates.certificate);
  const Certificate certificate(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr),
                                X509_free);
  while (X509* next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr))
    SSL_CTX_add_extra_chain_cert(context.get(), next);
  ERR_clear_error();
  const Key key(PEM_read_bio_PrivateKey(bio_of(certificates.key).get(), nullptr, nullptr, nullptr),
                EVP_PKEY_free);
  SSL_CTX_use_certificate(context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  return context;
}

}  // namespace lotse::test
