#pragma once
#include <string>
#include <string_view>

namespace lotse::base {

/// Length of the UTF-8 sequence at `at` (RFC 3629), or 0 if there is none. `at` < text.size().
size_t utf8_length(std::string_view text, size_t at);

/// The text as it may be shown on a terminal, within one line: control characters, line and
/// paragraph separators, byte order marks, what turns the direction of writing, and bytes that are
/// no UTF-8 appear as "\n", "\t", "\x1b", "\u202e".
std::string printable(std::string_view text);

/// `printable` of each line.
std::string printable_lines(std::string_view text);

}  // namespace lotse::base
