#include "document/scalar.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/strings.h"

namespace lotse::document {

using nlohmann::json;

namespace {

const std::unordered_map<std::string, json>& words() {
  static const std::unordered_map<std::string, json> table = [] {
    std::unordered_map<std::string, json> result;
    for (const auto* word :
         {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
      result[word] = true;
    for (const auto* word :
         {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
      result[word] = false;
    for (const auto* word : {"", "~", "null", "Null", "NULL"}) result[word] = nullptr;
    return result;
  }();
  return table;
}

void take_sign(std::string_view& text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
}

bool is_not_finite(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  take_sign(text);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

/// Takes the digits off the front of `text`; how many they were.
size_t take_digits(std::string_view& text) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_decimal(std::string_view text) {
  take_sign(text);
  size_t count = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    count += take_digits(text);
  }
  if (count == 0) return false;
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  take_sign(text);
  return take_digits(text) > 0 && text.empty();
}

struct Digits {
  bool negative = false;
  int base = 10;
  std::string digits;
};

/// Sign and prefix as Go's strconv.ParseInt(s, 0, 64) takes them: 0x, 0o, 0b, 0 for octal.
Digits split_number(const std::string& text) {
  Digits result;
  size_t at = 0;
  if (text[0] == '-' || text[0] == '+') {
    result.negative = text[0] == '-';
    at = 1;
  }
  const auto prefix = base::lower(text.substr(at, 2));
  if (prefix == "0x" || prefix == "0o" || prefix == "0b") {
    result.base = prefix == "0x" ? 16 : prefix == "0o" ? 8 : 2;
    at += 2;
  } else if (text.size() > at + 1 && text[at] == '0') {
    result.base = 8;
    at += 1;
  }
  result.digits = text.substr(at);
  return result;
}

std::optional<json> parse_integer(const std::string& text) {
  const auto number = split_number(text);
  uint64_t magnitude = 0;
  const auto* end = number.digits.data() + number.digits.size();
  const auto [stop, error] = std::from_chars(number.digits.data(), end, magnitude, number.base);
  if (error != std::errc() || stop != end || number.digits.empty()) return {};
  if (!number.negative) {
    // strconv.ParseUint takes no sign: "+9223372036854775808" is a float.
    if (magnitude > INT64_MAX && text[0] == '+') return {};
    if (magnitude > INT64_MAX) return json(static_cast<double>(magnitude));
    return json(static_cast<int64_t>(magnitude));
  }
  if (magnitude > static_cast<uint64_t>(INT64_MAX) + 1) return {};
  return json(static_cast<int64_t>(-magnitude));
}

/// A whole float on its way through kubectl's JSON, where it is written with its shortest digits
/// and zeros behind them: 1152921504606846976.0 becomes 1152921504606847000.
std::optional<int64_t> as_integer(double value) {
  if (std::floor(value) != value || std::abs(value) >= 1e19) return {};
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const std::string_view number(text, static_cast<size_t>(end - text));
  const size_t mantissa = number.find('e');
  auto digits = base::replace_all(std::string(number.substr(0, mantissa)), ".", "");
  const bool negative = digits.front() == '-';
  const auto exponent = static_cast<size_t>(std::stoi(std::string(number.substr(mantissa + 1))));
  digits.resize(exponent + 1 + (negative ? 1 : 0), '0');
  int64_t integer = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
  if (read.ec != std::errc()) return {};
  return integer;
}

std::optional<json> parse_float(const std::string& text) {
  if (text.size() > 400 || !is_decimal(text)) return {};
  double value = 0;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [stop, error] = std::from_chars(begin, text.data() + text.size(), value);
  // Out of range: too large is an error in Go (so the text stays a string), too small is 0.
  if (error == std::errc::result_out_of_range) {
    value = std::strtod(begin, nullptr);
    if (std::isinf(value)) return {};
  } else if (error != std::errc()) {
    return {};
  }
  if (const auto integer = as_integer(value)) return json(*integer);
  return json(value);
}

}  // namespace

std::optional<json> resolve_scalar(const std::string& text) {
  if (const auto found = words().find(text); found != words().end()) return found->second;
  if (is_not_finite(text)) return {};
  const char first = text[0];
  if (first == '.') {
    if (auto number = parse_float(text)) return number;
    return json(text);
  }
  const bool may_be_number = (first >= '0' && first <= '9') || first == '-' || first == '+';
  if (!may_be_number) return json(text);
  const auto plain = base::replace_all(text, "_", "");
  if (auto number = parse_integer(plain)) return number;
  if (auto number = parse_float(plain)) return number;
  return json(text);
}

}  // namespace lotse::document
