#pragma once
#include <string>

namespace lotse::crypto {

/// Do both PEM texts (RFC 7468) begin with something readable, and is the private key that of the
/// certificate? Keys that need a password are not readable.
bool is_key_of(const std::string& certificate, const std::string& key);

}  // namespace lotse::crypto
