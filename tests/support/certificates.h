#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>

namespace lotse::test {

/// How to make a certificate; each field is a way in which it can be wrong.
struct CertificateWish {
  std::string common_name = "localhost";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  ///< "": none
  long begins = -3600;                                           ///< seconds from now
  long ends = 86400;                                             ///< seconds from now
  std::string usage = "serverAuth";
  bool self_signed = false;
  enum class Issuer {
    authority,
    intermediate,  ///< an intermediate of the authority, which the server sends along
    missing,       ///< an intermediate that the server does not send along
    expired,       ///< an intermediate whose time is over
    no_authority,  ///< a certificate that may not sign others
  } issuer = Issuer::authority;
};

/// PEM texts; one process has one authority.
struct Certificates {
  std::string authority;    ///< of the CA that signs, unless self-signed
  std::string certificate;  ///< followed by the intermediate that the server sends along, if any
  std::string key;
};

Certificates make_certificates(const CertificateWish& wish = {});

using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

/// The TLS context of a server that shows these certificates.
TlsContext server_context(const Certificates& certificates);

}  // namespace lotse::test
