#include "template/value.h"

#include <cmath>

namespace lotse::tmpl::jsone {

bool holds_function(const Value& value) {
  if (is_function(value)) return true;
  if (!value.is_structured()) return false;
  for (const auto& item : value)
    if (holds_function(item)) return true;
  return false;
}

bool truthy(const Value& value) {
  if (value.is_null() || value.is_discarded()) return false;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  if (value.is_structured()) return !value.empty();
  return true;
}

Value to_number(double number) {
  if (std::floor(number) == number && std::abs(number) <= 9007199254740992.0)
    return static_cast<int64_t>(number);
  return number;
}

std::string number_text(const Value& number) {
  return number.is_number_float() ? to_number(number.get<double>()).dump() : number.dump();
}

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> result;
  for (const char c : text) {
    const bool follows = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (follows && !result.empty()) {
      result.back() += c;
    } else {
      result.emplace_back(1, c);
    }
  }
  return result;
}

}  // namespace lotse::tmpl::jsone
