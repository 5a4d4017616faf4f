#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lotse::crypto {

/// RFC 4648 section 4: the standard alphabet, padded, without line ends.
std::string base64_encode(std::string_view bytes);

/// The bytes, or nothing if `text` is not exactly what the encoder would write, line ends (CR, LF)
/// apart: other characters, missing or misplaced padding and set trailing bits are all refused.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace lotse::crypto
