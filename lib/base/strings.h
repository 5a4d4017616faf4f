#pragma once
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::base {

/// Parts between separators; "a,,b" has three, "" has one empty part.
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string trim(std::string_view text);  ///< without ASCII white space at both ends
std::string lower(std::string_view text);
std::string upper(std::string_view text);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// All but letters, digits and "-._~" as %XX (RFC 3986 section 2.1).
std::string percent_encoded(std::string_view text);

/// With each control character (ASCII's, and those of U+0080 to U+009F in UTF-8) as "\x1b": what
/// comes from a file cannot move a terminal's cursor or break a line.
std::string printable(std::string_view text);
/// The same, but line ends stay.
std::string printable_lines(std::string_view text);

/// Everything streamed into one string; stands in for std::format, which GCC 12 lacks.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// Fixed decimals, e.g. fixed(0.98765, 3) == "0.988".
std::string fixed(double value, int decimals);

/// The candidate closest to `word` by edit distance (Damerau 1964, letters that changed places
/// side by side count once) if it is at most a third of its length away, else "": for "did you
/// mean". Of two as close, the one that begins like it for longer: --gpu means --gpus, not --cpu.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace lotse::base
