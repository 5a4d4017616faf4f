#include "base/utf8.h"

#include <cstdint>
#include <iomanip>
#include <sstream>

#include "base/strings.h"

namespace lotse::base {

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

namespace {
/// The code point of a whole UTF-8 sequence.
uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  uint32_t value = first & (0xFFU >> (sequence.size() + 1));
  for (const char c : sequence.substr(1))
    value = value << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return value;
}

bool misleads(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string escape(uint32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  std::ostringstream out;
  out << (c < 0x80 ? "\\x" : "\\u") << std::hex << std::setfill('0') << std::setw(c < 0x80 ? 2 : 4)
      << c;
  return out.str();
}
}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_length(text, at);
    const auto sequence = text.substr(at, std::max<size_t>(length, 1));
    if (length == 0) {
      std::ostringstream out;
      out << "\\x" << std::hex << static_cast<unsigned>(static_cast<unsigned char>(sequence[0]));
      result += out.str();
    } else if (const uint32_t c = code_point(sequence); misleads(c)) {
      result += escape(c);
    } else {
      result += sequence;
    }
    at += sequence.size();
  }
  return result;
}

std::string printable_lines(std::string_view text) {
  auto lines = split(text, '\n');
  for (auto& line : lines) line = printable(line);
  return join(lines, "\n");
}

}  // namespace lotse::base
