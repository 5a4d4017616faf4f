#pragma once
#include <string>

namespace lotse::tmpl::jsone {

/// The text in capitals, or in small letters, by Unicode's full mappings of single letters: "ß" is
/// "SS". A sigma at the end of a word is small as any other.
std::string upper_case(const std::string& text);
std::string lower_case(const std::string& text);

/// White space as Unicode has it; of one character.
bool is_space(const std::string& letter);

/// Text made by letter_table.py, which costs nothing before somebody asks.
extern const char* const letter_table;

}  // namespace lotse::tmpl::jsone
