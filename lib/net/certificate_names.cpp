#include "net/certificate_names.h"
#include "net/libcurl.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace lotse::net {

namespace {

bool names_hosts(X509* certificate) {
  auto* const names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  bool any = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const int type = sk_GENERAL_NAME_value(names, i)->type;
    any = any || type == GEN_DNS || type == GEN_IPADD;
  }
  GENERAL_NAMES_free(names);
  return any;
}

int check(int good, X509_STORE_CTX* store) {
  if (good != 1 || X509_STORE_CTX_get_error_depth(store) != 0) return good;
  if (names_hosts(X509_STORE_CTX_get_current_cert(store))) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

CURLcode prepare(CURL*, void* context, void*) {
  SSL_CTX_set_verify(static_cast<SSL_CTX*>(context), SSL_VERIFY_PEER, check);
  return CURLE_OK;
}

}  // namespace

void require_alternative_names(CURL* easy) {
  curl().set(easy, CURLOPT_SSL_CTX_FUNCTION, prepare);
}

}  // namespace lotse::net
