#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>

namespace lotse::test {

/// What a certificate is to be like; each field is a way to be wrong.
struct CertificateWish {
  std::string common_name = "localhost";
  std::string alternative_names = "DNS:localhost,IP:127.0.0.1";  ///< "": none
  long begins = -3600;                                           ///< seconds from now
  long ends = 86400;                                             ///< seconds from now
  std::string usage = "serverAuth";
  bool self_signed = false;
  enum class Issuer {
    authority,
    intermediate,  ///< of the authority; it comes along with the certificate
    missing,       ///< an intermediate that does not come along
    expired,       ///< an intermediate whose time is over
    no_authority,  ///< a certificate that may not sign others
  } issuer = Issuer::authority;
};

/// PEM texts. The authority is the same within one process.
struct Certificates {
  std::string authority;    ///< of the CA that signs, unless self-signed
  std::string certificate;  ///< with what the server sends along
  std::string key;
};

Certificates make_certificates(const CertificateWish& wish = {});

using TlsContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

/// Of a server that shows these.
TlsContext server_context(const Certificates& certificates);

}  // namespace lotse::test
