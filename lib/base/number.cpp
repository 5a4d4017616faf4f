#include "base/number.h"

#include <charconv>
#include <cmath>

namespace lotse::base {

namespace {

/// All of the text as a number, or nothing.
template <class Number>
std::optional<Number> parse(std::string_view text) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> to_integer(std::string_view text) {
  return parse<int64_t>(text);
}

std::optional<double> to_number(std::string_view text) {
  const auto value = parse<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace lotse::base
