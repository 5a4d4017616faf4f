#include "object/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/error.h"

namespace lotse::object {

namespace {

__extension__ typedef __int128 Wide;

constexpr Wide nanos_per_unit = 1'000'000'000;
constexpr Wide most = static_cast<Wide>(std::numeric_limits<int64_t>::max()) * nanos_per_unit;

/// The digits at the front of `text`, which it loses.
std::string_view take_digits(std::string_view& text) {
  const size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

struct Scale {
  int twos = 0;  ///< times 2^twos
  int tens = 0;  ///< times 10^tens
};

/// What follows the digits: an SI or binary suffix, or "e3", "E-3".
std::optional<Scale> scale_of(std::string_view suffix) {
  static constexpr std::string_view decimal[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
  static constexpr std::string_view binary[] = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  for (int i = 0; i < 10; ++i)
    if (suffix == decimal[i]) return Scale{0, 3 * (i - 3)};
  for (int i = 0; i < 6; ++i)
    if (suffix == binary[i]) return Scale{10 * (i + 1), 0};
  if (!take(suffix, 'e') && !take(suffix, 'E')) return std::nullopt;
  if (take(suffix, '+') && suffix.starts_with('-')) return std::nullopt;
  Scale scale;
  const char* const last = suffix.data() + suffix.size();
  const auto [end, error] = std::from_chars(suffix.data(), last, scale.tens);
  if (error != std::errc() || end != last) return std::nullopt;
  return scale;
}

/// Doubles a number that is written in decimal digits.
void double_digits(std::string& digits) {
  int carry = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    const int twice = 2 * (*digit - '0') + carry;
    *digit = static_cast<char>('0' + twice % 10);
    carry = twice / 10;
  }
  if (carry > 0) digits.insert(digits.begin(), '1');
}

/// digits * 10^tens, rounded up to a whole number, at most `most`.
Wide rounded_up(std::string_view digits, int64_t tens) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  const int64_t length = static_cast<int64_t>(digits.size()) + tens;
  if (length > 28) return most;  // `most` has 28 digits
  Wide value = 0;
  for (int64_t i = 0; i < length; ++i)
    value = value * 10 + (static_cast<size_t>(i) < digits.size() ? digits[i] - '0' : 0);
  const auto cut = digits.substr(std::min<size_t>(std::max<int64_t>(length, 0), digits.size()));
  if (cut.find_first_not_of('0') != std::string_view::npos) ++value;
  return std::min(value, most);
}

Wide divided_away_from_zero(Wide value, Wide by) {
  return value >= 0 ? (value + by - 1) / by : (value - by + 1) / by;
}

int64_t capped(Wide value) {
  const Wide top = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(value, -top, top));
}

}  // namespace

std::optional<Quantity> Quantity::try_parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  std::string digits(take_digits(text));
  std::string_view fraction;
  if (take(text, '.')) fraction = take_digits(text);
  const auto scale = scale_of(text);
  if (!scale) return std::nullopt;
  digits += fraction;
  for (int i = 0; i < scale->twos; ++i) double_digits(digits);
  const int64_t tens = int64_t{scale->tens} - static_cast<int64_t>(fraction.size()) + 9;
  Quantity quantity;
  quantity.nanos_ = rounded_up(digits, tens);
  if (negative) quantity.nanos_ = -quantity.nanos_;
  return quantity;
}

Quantity Quantity::parse(std::string_view text) {
  if (const auto quantity = try_parse(text)) return *quantity;
  throw base::Error(base::ErrorKind::invalid, "'" + std::string(text) + "' is not a quantity",
                    "write one as 2, 500m, 1.5Gi or 2e3");
}

int64_t Quantity::value() const {
  return capped(divided_away_from_zero(nanos_, nanos_per_unit));
}

int64_t Quantity::milli_value() const {
  return capped(divided_away_from_zero(nanos_, nanos_per_unit / 1000));
}

Quantity& Quantity::operator+=(const Quantity& other) {
  nanos_ = std::clamp(nanos_ + other.nanos_, -most, most);
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  nanos_ = std::clamp(nanos_ - other.nanos_, -most, most);
  return *this;
}

namespace {

std::optional<Wide> nanoseconds_of(std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, int64_t>, 8> units = {{
      {"ns", 1},
      {"us", 1'000},
      {"\u00b5s", 1'000},
      {"\u03bcs", 1'000},
      {"ms", 1'000'000},
      {"s", 1'000'000'000},
      {"m", 60'000'000'000},
      {"h", 3'600'000'000'000},
  }};
  for (const auto& [name, nanos] : units)
    if (unit == name) return nanos;
  return std::nullopt;
}

/// One "1.5h" off the front of `text`, in nanoseconds.
std::optional<Wide> take_part(std::string_view& text) {
  constexpr Wide limit = std::numeric_limits<int64_t>::max();
  const auto whole = take_digits(text);
  std::string_view fraction;
  if (take(text, '.')) fraction = take_digits(text);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto unit_text = text.substr(0, text.find_first_of(".0123456789"));
  text.remove_prefix(unit_text.size());
  const auto unit = nanoseconds_of(unit_text);
  if (!unit) return std::nullopt;
  Wide value = 0;
  for (const char c : whole) {
    value = value * 10 + (c - '0') * *unit;
    if (value > limit + 1) return std::nullopt;
  }
  // In floating point, as Go does it: "0.3333333333333333333h" is 20 minutes.
  uint64_t part = 0;
  double parts = 1;
  for (const char c : fraction) {
    if (part > static_cast<uint64_t>(limit) / 10) break;
    part = part * 10 + static_cast<uint64_t>(c - '0');
    parts *= 10;
  }
  return value +
         static_cast<Wide>(static_cast<double>(part) * (static_cast<double>(*unit) / parts));
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  constexpr Wide limit = std::numeric_limits<int64_t>::max();
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  Wide total = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part) return std::nullopt;
    total += *part;
    if (total > limit + (negative ? 1 : 0)) return std::nullopt;
  }
  return std::chrono::nanoseconds(static_cast<int64_t>(negative ? -total : total));
}

}  // namespace lotse::object
