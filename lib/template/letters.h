#pragma once
#include <string>
#include <string_view>

namespace lotse::tmpl::jsone {

/// The text in capitals, or in small letters, by Unicode's full mappings of single letters: "ß" is
/// "SS". A sigma at the end of a word is small as any other.
std::string upper_case(const std::string& text);
std::string lower_case(const std::string& text);

/// The text without white space, as Unicode has it, at its left end, its right end, or both.
std::string_view without_space(std::string_view text, bool left, bool right);

/// Texts made by letter_table.py, which cost nothing before somebody asks.
extern const char* const capitals;
extern const char* const small_letters;

}  // namespace lotse::tmpl::jsone
