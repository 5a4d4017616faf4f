#include "document/characters.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "document/document.h"

namespace lotse::document {

namespace {

constexpr std::string_view blanks = " \t";

/// Whether a line begins with an explicit key, behind other indicators, tags and anchors.
bool begins_explicit_key(std::string_view line) {
  if (line.starts_with("\uFEFF")) line.remove_prefix(3);  // a byte order mark
  for (size_t begin = line.find_first_not_of(blanks); begin < line.size();
       begin = line.find_first_not_of(blanks, begin)) {
    const auto word = line.substr(begin, line.find_first_of(blanks, begin) - begin);
    if (word == "?") return true;
    if (word != "-" && word != ":" && word != "---" && word[0] != '!' && word[0] != '&')
      return false;
    begin += word.size();
  }
  return false;
}

/// Where, behind something else, a tab stands before a "-" or "?" of its own; npos if nowhere.
size_t tab_before_indicator(std::string_view line) {
  const auto text = line.find_first_not_of(blanks);
  for (auto tab = line.find('\t', std::min(text, line.size())); tab != std::string_view::npos;
       tab = line.find('\t', tab + 1)) {
    const auto next = line.find_first_not_of(blanks, tab);
    if (next == std::string_view::npos) break;
    const bool alone = next + 1 == line.size() || blanks.find(line[next + 1]) != blanks.npos;
    if (alone && std::string_view("-?:").find(line[next]) != std::string_view::npos) return tab;
  }
  return std::string_view::npos;
}

}  // namespace

void check_tabs(std::string_view text, const std::string& file) {
  bool explicit_key = false;
  for (size_t number = 1; !text.empty();) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    explicit_key = explicit_key || begins_explicit_key(line);
    if (const auto tab = tab_before_indicator(line); explicit_key && tab != std::string_view::npos)
      throw base::Error(
          {{base::cat(file, ":", number, ":", tab + 1),
            "a tab before an indicator, in a text with explicit keys (? key)", "write blanks"}});
    if (end < text.size() && text[end] == '\n') ++number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void check_characters(std::string_view text, const std::string& file) {
  Position at{1, 1};
  const auto refuse = [&](const std::string& message, const std::string& hint = "") {
    throw base::Error({{base::cat(file, ":", at.line, ":", at.column), message, hint}});
  };
  for (size_t i = 0; i < text.size();) {
    const auto length = base::utf8_length(text, i);
    if (length == 0 && i == 0 && (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")))
      refuse("is UTF-16, not UTF-8", "Save it as UTF-8.");
    if (length == 0) refuse("is not UTF-8");
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
      refuse(base::cat("holds the control character ", static_cast<int>(c)));
    const auto character = text.substr(i, length);
    if (character == "\u0085" || character == "\u2028" || character == "\u2029")
      refuse("holds a line end that only YAML 1.1 knows",
             R"(kubectl begins a line here: write it as "\u0085", "\u2028" or "\u2029" in quotes)");
    at = c == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
    i += length;
  }
}

}  // namespace lotse::document
