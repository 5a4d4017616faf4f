#include "document/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "document/scalar.h"

namespace lotse::document {

using nlohmann::json;

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

std::string double_quoted(std::string_view text) {
  auto quoted = json(text).dump(-1, ' ', false);
  quoted = base::replace_all(quoted, "\x7f", "\\u007f");
  quoted = base::replace_all(quoted, "\u2028", "\\u2028");
  quoted = base::replace_all(quoted, "\u2029", "\\u2029");
  quoted = base::replace_all(quoted, "\uFEFF", "\\ufeff");
  for (int c = 0x80; c < 0xA0; ++c) {
    const std::string raw{'\xC2', static_cast<char>(c)};
    const char* hex = "0123456789abcdef";
    quoted = base::replace_all(quoted, raw, base::cat("\\u00", hex[c >> 4], hex[c & 15]));
  }
  return quoted;
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

}  // namespace

void append_text(std::string& out, std::string_view text, size_t indent) {
  if (text.empty() || looks_like_other_scalar(text)) {
    out += double_quoted(text);
  } else if (text.find('\n') != std::string_view::npos) {
    if (literal_is_fine(text))
      append_literal(out, text, indent);
    else
      out += double_quoted(text);
  } else if (has_control_character(text)) {
    out += double_quoted(text);
  } else if (plain_is_fine(text)) {
    out += text;
  } else {
    out += '\'';
    for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
    out += '\'';
  }
}

void append_key(std::string& out, std::string_view key) {
  if (key.find('\n') == std::string_view::npos)
    append_text(out, key, 0);
  else
    out += double_quoted(key);
}

}  // namespace lotse::document
