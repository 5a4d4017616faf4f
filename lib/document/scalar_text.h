#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lotse::document {

/// The text that a plain scalar, or what stands between a scalar's quotes, means (YAML 1.2.2, 6.5
/// and 7.3): line ends are folded.
std::string plain_text(std::string_view raw);
std::string single_quoted_text(std::string_view raw);
/// The same for double quotes, where escapes are replaced; nothing if one stands for no character.
std::optional<std::string> double_quoted_text(std::string_view raw);

/// The line that begins a block scalar: "|", ">-", "|2+".
struct BlockHeader {
  bool folded = false;
  char chomping = ' ';  ///< '-', '+' or neither
  bool indented = false;
  size_t at = 0;  ///< where it stands in the text
};

/// The header is the first thing in `text` that is no comment, tag, anchor or indicator.
BlockHeader block_header(std::string_view text);

/// The lines below the header (YAML 1.2.2, 8.1). Every line counts as ended, the last one too.
/// `indent` is found from the first line that is not empty if it is not given.
std::string block_text(std::string_view raw, const BlockHeader& header,
                       std::optional<size_t> indent);

/// The number of spaces at the front of the first line that holds anything else; nothing if no line
/// does.
std::optional<size_t> leading_spaces(std::string_view text);

}  // namespace lotse::document
