#pragma once
#include <string>
#include <string_view>

namespace lotse::document {

/// Throws Error(invalid), naming the place, unless the text is UTF-8 without control characters and
/// without the line ends that only YAML 1.1 knows.
void check_characters(std::string_view text, const std::string& file);

/// libfyaml 0.7.12 writes to address 0xfe where, in or behind an explicit key ("? key"), a tab
/// stands before a block indicator that is not allowed there: `? a:<TAB>- b`. Throws
/// Error(invalid), naming the place, for what may be so.
void check_tabs(std::string_view text, const std::string& file);

}  // namespace lotse::document
