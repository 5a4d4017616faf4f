#pragma once
#include <string>

namespace lotse::crypto {

/// Whether both PEM texts (RFC 7468) can be read and the private key belongs to the certificate. A
/// key that needs a password cannot be read.
bool is_key_of(const std::string& certificate, const std::string& key);

}  // namespace lotse::crypto
