#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lotse::crypto {

/// The labels of the blocks in PEM text (RFC 7468) in order, e.g. {"CERTIFICATE", "PRIVATE KEY"}.
/// A block without its end line is left out. What a block holds is not looked at: TLS does that.
std::vector<std::string> pem_labels(std::string_view text);

/// Whether the text holds at least one certificate, or one private key of any kind.
bool has_certificate(std::string_view pem);
bool has_private_key(std::string_view pem);

/// Does it hold a private key that needs a pass phrase (PKCS #8, or OpenSSL's older "Proc-Type:
/// 4,ENCRYPTED")?
bool has_encrypted_key(std::string_view pem);

}  // namespace lotse::crypto
