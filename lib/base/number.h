#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace lotse::base {

/// A whole number in decimal digits, '-' before it or not; nothing for any other text, and for one
/// that does not fit into 64 bits.
std::optional<int64_t> to_integer(std::string_view text);

/// A finite decimal number such as "0.5" or "1e-3"; nothing for any other text, "nan", "inf" and
/// hexadecimal digits among them.
std::optional<double> to_number(std::string_view text);

}  // namespace lotse::base
