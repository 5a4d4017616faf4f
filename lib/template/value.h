#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::tmpl::jsone {

/// While a template is rendered, a value may be one of two things that JSON does not have: a
/// builtin function, held as a one-byte binary, and the mark that says "leave this out", held as a
/// discarded value. Neither can come from a document, and neither leaves `render`.
using Value = nlohmann::json;

inline Value delete_mark() {
  return Value(Value::value_t::discarded);
}
inline bool is_function(const Value& value) {
  return value.is_binary();
}
bool holds_function(const Value& value);

bool truthy(const Value& value);
/// Writes a number as text, a whole one without a decimal point.
std::string number_text(const Value& number);
/// The value of a computed number; a whole one within 2^53 becomes an integer.
Value to_number(double number);
/// Code points of UTF-8 text.
std::vector<std::string> characters(const std::string& text);

}  // namespace lotse::tmpl::jsone
