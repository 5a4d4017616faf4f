#pragma once
#include <cstddef>
#include <string_view>

namespace lotse::base {

/// Length of the UTF-8 sequence at `at` (RFC 3629), or 0 if there is none. `at` < text.size().
size_t utf8_length(std::string_view text, size_t at);

}  // namespace lotse::base
