#include "document/scalar_text.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace lotse::document {

namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view white = " \t\r\n";

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

/// Lines without their ends. Text behind the last line end is a line too.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(text.substr(0, 2) == "\r\n" ? 2 : std::min<size_t>(text.size(), 1));
  }
  return lines;
}

size_t count_line_ends(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i)
    count += text[i] == '\n' || (text[i] == '\r' && text.substr(i, 2) != "\r\n");
  return count;
}

/// Takes the white space off the front of `raw` and returns what it means: itself within a line,
/// folded where it spans several.
void take_white(std::string& out, std::string_view& raw) {
  const auto run = raw.substr(0, raw.find_first_not_of(white));
  raw.remove_prefix(run.size());
  const size_t ends = count_line_ends(run);
  if (ends == 0) {
    out += run;
  } else if (ends == 1) {
    out += ' ';
  } else {
    out.append(ends - 1, '\n');
  }
}

void append_utf8(std::string& out, uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// Takes `count` hexadecimal digits off the front of `raw` and returns the character that they
/// name.
bool take_code(std::string& out, std::string_view& raw, size_t count) {
  if (raw.size() < count) return false;
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + count, code, 16);
  if (error != std::errc() || end != raw.data() + count) return false;
  raw.remove_prefix(count);
  if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) return false;
  append_utf8(out, code);
  return true;
}

/// The text that the escape behind a backslash stands for.
bool take_escape(std::string& out, std::string_view& raw) {
  if (raw.empty()) return false;
  const char c = raw.front();
  if (is_one_of(c, "\r\n")) {
    const auto run = raw.substr(0, raw.find_first_not_of(white));
    raw.remove_prefix(run.size());
    out.append(count_line_ends(run) - 1, '\n');
    return true;
  }
  raw.remove_prefix(1);
  if (c == 'x') return take_code(out, raw, 2);
  if (c == 'u') return take_code(out, raw, 4);
  if (c == 'U') return take_code(out, raw, 8);
  constexpr std::string_view names = "0abt\tnvfre \"/\\N_LP";
  static constexpr uint32_t codes[] = {0,  7,   8,   9,   9,    10,   11,   12,     13,
                                       27, ' ', '"', '/', '\\', 0x85, 0xA0, 0x2028, 0x2029};
  const auto at = names.find(c);
  if (at == std::string_view::npos) return false;
  append_utf8(out, codes[at]);
  return true;
}

/// A block's lines without their indentation, those that hold nothing as empty ones.
std::vector<std::string_view> block_lines(std::string_view raw, size_t indent) {
  auto lines = lines_of(raw);
  for (auto& line : lines) {
    const size_t spaces = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(std::min(spaces, indent));
  }
  return lines;
}

bool is_spaced(std::string_view line) {
  return !line.empty() && is_one_of(line.front(), blanks);
}

/// Lines of a folded block: one line end between two of them is a space, unless either begins with
/// white space.
std::string folded(const std::vector<std::string_view>& lines) {
  std::string text;
  size_t ends = 0;
  std::optional<std::string_view> before;
  for (const auto line : lines) {
    if (line.empty()) {
      ++ends;
      continue;
    }
    if (!before) {
      text.append(ends, '\n');
    } else if (is_spaced(*before) || is_spaced(line)) {
      text.append(ends + 1, '\n');
    } else {
      text += ends == 0 ? std::string(" ") : std::string(ends, '\n');
    }
    text += line;
    before = line;
    ends = 0;
  }
  return text;
}

std::string joined(const std::vector<std::string_view>& lines) {
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += '\n';
    text += lines[i];
  }
  return text;
}

}  // namespace

std::string plain_text(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    const size_t word = std::min(raw.find_first_of(white), raw.size());
    out += raw.substr(0, word);
    raw.remove_prefix(word);
    take_white(out, raw);
  }
  return out;
}

std::string single_quoted_text(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    if (is_one_of(raw.front(), white)) {
      take_white(out, raw);
    } else {
      out += raw.front();
      raw.remove_prefix(raw.substr(0, 2) == "''" ? 2 : 1);
    }
  }
  return out;
}

std::optional<std::string> double_quoted_text(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    if (is_one_of(raw.front(), white)) {
      take_white(out, raw);
    } else if (raw.front() == '\\') {
      raw.remove_prefix(1);
      if (!take_escape(out, raw)) return std::nullopt;
    } else {
      out += raw.front();
      raw.remove_prefix(1);
    }
  }
  return out;
}

BlockHeader block_header(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && !is_one_of(text[at], "|>")) {
    const bool skipped = is_one_of(text[at], "#&!");
    const auto stop = text[at] == '#' ? std::string_view("\r\n") : white;
    at = skipped ? std::min(text.find_first_of(stop, at), text.size()) : at + 1;
  }
  BlockHeader header;
  header.at = at;
  header.folded = at < text.size() && text[at] == '>';
  for (++at; at < text.size() && is_one_of(text[at], "+-123456789"); ++at) {
    if (is_one_of(text[at], "+-"))
      header.chomping = text[at];
    else
      header.indented = true;
  }
  return header;
}

std::optional<size_t> leading_spaces(std::string_view text) {
  for (const auto line : lines_of(text))
    if (const auto spaces = line.find_first_not_of(' '); spaces != std::string_view::npos)
      return spaces;
  return std::nullopt;
}

std::string block_text(std::string_view raw, const BlockHeader& header,
                       std::optional<size_t> indent) {
  if (!indent) indent = leading_spaces(raw).value_or(raw.size());
  auto lines = block_lines(raw, *indent);
  size_t empty = 0;
  while (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
    ++empty;
  }
  std::string text = header.folded ? folded(lines) : joined(lines);
  if (header.chomping == '+') {
    text.append(empty + (lines.empty() ? 0 : 1), '\n');
  } else if (header.chomping != '-' && !lines.empty()) {
    text += '\n';
  }
  return text;
}

}  // namespace lotse::document
