#pragma once
#include <string>
#include <string_view>

namespace lotse::document {

/// Appends JSON text as YAML, byte for byte what write_yaml makes of its value, indented by
/// `indent` spaces; `begun`: the first line has its indentation already. Throws Error(failed) where
/// the text is no JSON.
void append_yaml(std::string& out, std::string_view json_text, size_t indent = 0,
                 bool begun = false);

}  // namespace lotse::document
