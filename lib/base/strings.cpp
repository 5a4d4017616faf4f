#include "base/strings.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iomanip>
#include <numeric>

#include "base/utf8.h"

namespace lotse::base {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t at; (at = text.find(separator, start)) != std::string_view::npos; start = at + 1)
    parts.emplace_back(text.substr(start, at - start));
  parts.emplace_back(text.substr(start));
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
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

std::string trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(space) - first + 1));
}

namespace {
template <class Change>
std::string map_chars(std::string_view text, Change change) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(change(static_cast<unsigned char>(c)));
  return result;
}
}  // namespace

std::string lower(std::string_view text) {
  return map_chars(text, [](unsigned char c) { return std::tolower(c); });
}

std::string upper(std::string_view text) {
  return map_chars(text, [](unsigned char c) { return std::toupper(c); });
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

std::string fixed(double value, int decimals) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(decimals) << value;
  return out.str();
}

namespace {
size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: of the letter before the last of `a`, the last, and this one.
  std::vector<size_t> earlier(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(earlier, above);
    std::swap(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], earlier[j - 2] + 1);
    }
  }
  return row[b.size()];
}
}  // namespace

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  size_t best_begin = 0;
  for (const auto& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    const auto differs =
        std::mismatch(word.begin(), word.end(), candidate.begin(), candidate.end());
    const auto begin = static_cast<size_t>(differs.first - word.begin());
    if (distance < best_distance ||
        (distance == best_distance && !best.empty() && begin > best_begin)) {
      best_distance = distance;
      best_begin = begin;
      best = candidate;
    }
  }
  return best;
}

}  // namespace lotse::base
