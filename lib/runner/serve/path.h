#pragma once
#include <optional>
#include <string>

namespace lotse::runner::serve {

/// The path of a request target, without the query and with its percent-encoding undone (RFC 3986);
/// nothing where a '%' is not followed by two hexadecimal digits.
std::optional<std::string> decoded_path(const std::string& target);

}  // namespace lotse::runner::serve
