#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace lotse::document {

/// Appends a string as a scalar of block style: plain where it reads back as the same string under
/// YAML 1.1 and 1.2, else quoted or as a literal block whose lines are indented by `indent`.
void append_text(std::string& out, std::string_view text, size_t indent);

/// Appends a key, without its colon.
void append_key(std::string& out, std::string_view key);

}  // namespace lotse::document
