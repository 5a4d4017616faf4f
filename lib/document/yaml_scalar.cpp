#include "document/yaml_scalar.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "document/scalar.h"

namespace lotse::document {

namespace {

constexpr std::string_view digits = "0123456789";

/// Takes characters of `set` off the front of `text`; how many they were.
size_t take(std::string_view& text, std::string_view set) {
  const size_t count = std::min(text.find_first_not_of(set), text.size());
  text.remove_prefix(count);
  return count;
}

/// Whether nothing but characters of `set`, at least one, follow `prefix`.
bool is_prefixed(std::string_view text, std::string_view prefix, std::string_view set) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return take(text, set) > 0 && text.empty();
}

/// 1_000, 1:30, -1_0.5_
bool is_number_with_marks(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || digits.find(text.front()) == std::string_view::npos) return false;
  take(text, "0123456789_:");
  if (!text.starts_with('.')) return text.empty();
  text.remove_prefix(1);
  take(text, "0123456789_");
  return text.empty();
}

/// 2001-1-01, whatever follows it on its line.
bool begins_with_date(std::string_view text) {
  if (text.find_first_of("\n\r") != std::string_view::npos || take(text, digits) != 4) return false;
  if (!text.starts_with('-')) return false;
  text.remove_prefix(1);
  const auto month = take(text, digits);
  if (month < 1 || month > 2 || !text.starts_with('-')) return false;
  text.remove_prefix(1);
  return take(text, digits) > 0;
}

/// Texts that one of YAML 1.1 and 1.2 reads as something else than a string, and the other does
/// not.
bool looks_like_other_scalar(std::string_view text) {
  constexpr std::string_view begins_of_numbers = "-+.0123456789";
  constexpr size_t longest_word = 5, longest_number = 99;
  const bool numeric = begins_of_numbers.find(text.front()) != std::string_view::npos;
  if (!numeric && text.size() > longest_word) return false;
  if (text == "=" || text == "<<") return true;
  const auto resolved = resolve_scalar(std::string(text));
  if (!resolved || !resolved->is_string()) return true;
  if (!numeric || text.size() > longest_number) return false;
  return is_number_with_marks(text) || is_prefixed(text, "0o", "01234567") ||
         is_prefixed(text, "0x", "0123456789abcdefABCDEF_") || begins_with_date(text);
}

/// Bytes that are or may begin what has_control_character looks for.
constexpr auto suspicious = [] {
  std::array<bool, 256> table = {};
  for (size_t c = 0; c < 0x20; ++c) table[c] = true;
  for (const size_t c : {0x7f, 0xC2, 0xE2, 0xEF}) table[c] = true;
  return table;
}();

/// Line ends do not count.
bool has_control_character(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!suspicious[c] || c == '\n') continue;
    if (c < 0x20 || c == 0x7f) return true;
    const auto rest = text.substr(i);
    // U+0080 to U+009F, U+2028, U+2029 and U+FEFF are line ends or not printable in YAML.
    if (c == 0xC2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0) return true;
    if (rest.starts_with("\u2028") || rest.starts_with("\u2029") || rest.starts_with("\uFEFF"))
      return true;
  }
  return false;
}

bool plain_is_fine(std::string_view text) {
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
  if (std::string_view("!&*-?|>@`%{}[],#\"'").find(text.front()) != std::string_view::npos) {
    const bool word = text.front() == '-' && text.size() > 1 && text[1] != ' ' && text != "---";
    if (!word || text.starts_with("---")) return false;
  }
  if (text == "..." || text.starts_with("... ")) return false;
  return text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos;
}

void append_escape(std::string& out, unsigned code) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u";
  for (const int shift : {12, 8, 4, 0}) out += hex[(code >> shift) & 15];
}

/// Appends what stands for a character that has a short escape; false if it has none.
bool append_short_escape(std::string& out, char c) {
  constexpr std::string_view characters = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  const auto at = characters.find(c);
  if (at == std::string_view::npos) return false;
  out += {'\\', letters[at]};
  return true;
}

/// As JSON, with what YAML would take for a line end or cannot print as escapes, too.
void append_double_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    size_t length = 1;
    if (text.size() > 1 && c == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
      append_escape(out, static_cast<unsigned char>(text[1]));
      length = 2;
    } else if (text.starts_with("\u2028") || text.starts_with("\u2029")) {
      append_escape(out, text[2] == '\xA8' ? 0x2028 : 0x2029);
      length = 3;
    } else if (text.starts_with("\uFEFF")) {
      append_escape(out, 0xFEFF);
      length = 3;
    } else if (!append_short_escape(out, text.front())) {
      c < 0x20 || c == 0x7f ? append_escape(out, c) : out.push_back(text.front());
    }
    text.remove_prefix(length);
  }
  out += '"';
}

/// A literal block keeps the text as it is, but for some beginnings and line ends.
bool literal_is_fine(std::string_view text) {
  if (text.front() == ' ' || text.front() == '\n') return false;
  return text.find(" \n") == std::string_view::npos && text.back() != ' ' &&
         !has_control_character(text);
}

void append_literal(std::string& out, std::string_view text, size_t indent) {
  std::string_view header = "|-";
  if (text.back() == '\n') {
    text.remove_suffix(1);
    header = text.back() == '\n' ? "|+" : "|";
  }
  out += header;
  for (const auto& line : base::split(text, '\n')) {
    out += '\n';
    if (line.empty()) continue;
    out.append(indent, ' ');
    out += line;
  }
}

bool has_lines(std::string_view text) {
  return text.find('\n') != std::string_view::npos;
}

bool needs_double_quotes(std::string_view text) {
  if (text.empty() || looks_like_other_scalar(text)) return true;
  return has_lines(text) ? !literal_is_fine(text) : has_control_character(text);
}

}  // namespace

void append_text(std::string& out, std::string_view text, size_t indent) {
  if (needs_double_quotes(text)) {
    append_double_quoted(out, text);
  } else if (has_lines(text)) {
    append_literal(out, text, indent);
  } else if (plain_is_fine(text)) {
    out += text;
  } else {
    out += '\'';
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    out += '\'';
  }
}

void append_key(std::string& out, std::string_view key) {
  if (has_lines(key))
    append_double_quoted(out, key);
  else
    append_text(out, key, 0);
}

}  // namespace lotse::document
