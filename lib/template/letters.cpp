#include "template/letters.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/strings.h"

namespace lotse::tmpl::jsone {

namespace {

using Letters = std::unordered_map<std::string_view, std::string_view>;

bool is_ascii(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 128) return false;
  return true;
}

/// A byte of UTF-8 that does not begin a character.
bool goes_on(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string_view first_character(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && goes_on(text[length])) ++length;
  return text.substr(0, length);
}

std::string_view last_character(std::string_view text) {
  size_t begin = text.size() - 1;
  while (begin > 0 && goes_on(text[begin])) --begin;
  return text.substr(begin);
}

Letters read_table(std::string_view table) {
  Letters letters;
  while (!table.empty()) {
    const auto word = table.substr(0, table.find_first_of(" \n"));
    const auto letter = first_character(word);
    if (!word.empty()) letters.emplace(letter, word.substr(letter.size()));
    table.remove_prefix(std::min(word.size() + 1, table.size()));
  }
  return letters;
}

std::string changed(std::string_view text, const Letters& letters) {
  std::string result;
  while (!text.empty()) {
    const auto letter = first_character(text);
    const auto found = letters.find(letter);
    result += found == letters.end() ? letter : found->second;
    text.remove_prefix(letter.size());
  }
  return result;
}

bool is_space(std::string_view letter) {
  constexpr std::string_view spaces[] = {
      " ",      "\t",     "\n",       "\v",     "\f",     "\r",     "\x1c",   "\x1d",
      "\x1e",   "\x1f",   "\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
      "\u2003", "\u2004", "\u2005",   "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
      "\u2028", "\u2029", "\u202f",   "\u205f", "\u3000"};
  return std::find(std::begin(spaces), std::end(spaces), letter) != std::end(spaces);
}

}  // namespace

std::string_view without_space(std::string_view text, bool left, bool right) {
  while (right && !text.empty() && is_space(last_character(text)))
    text.remove_suffix(last_character(text).size());
  while (left && !text.empty() && is_space(first_character(text)))
    text.remove_prefix(first_character(text).size());
  return text;
}

std::string upper_case(const std::string& text) {
  if (is_ascii(text)) return base::upper(text);
  static const Letters letters = read_table(capitals);
  return changed(base::upper(text), letters);
}

std::string lower_case(const std::string& text) {
  if (is_ascii(text)) return base::lower(text);
  static const Letters letters = read_table(small_letters);
  return changed(base::lower(text), letters);
}

}  // namespace lotse::tmpl::jsone
