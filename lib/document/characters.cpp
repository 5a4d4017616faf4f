#include "document/characters.h"

#include "base/error.h"
#include "base/strings.h"
#include "document/document.h"

namespace lotse::document {

namespace {

/// Length of the UTF-8 sequence at `at`, or 0 if there is none (RFC 3629).
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(at);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xC2 && first < 0xE0   ? 2
                        : first >= 0xE0 && first < 0xF0 ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  const unsigned second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

}  // namespace

void check_characters(std::string_view text, const std::string& file) {
  Position at{1, 1};
  const auto refuse = [&](const std::string& message, const std::string& hint = "") {
    throw base::Error({{base::cat(file, ":", at.line, ":", at.column), message, hint}});
  };
  for (size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text, i);
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
