#pragma once
#include <string>
#include <string_view>

namespace lotse::document {

/// Throws Error(invalid), naming the place, unless the text is UTF-8 without control characters and
/// without the line ends that only YAML 1.1 knows.
void check_characters(std::string_view text, const std::string& file);

}  // namespace lotse::document
