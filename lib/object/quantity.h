#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotse::object {

/// An amount such as "500m", "1.5Gi" or "2e3" (k8s.io/apimachinery/pkg/api/resource). It is kept in
/// units of 10^-9, rounded away from zero and capped at 2^63-1, as the API server does.
/// tests/oracle compares it with apimachinery v0.36.3: both agree except where apimachinery's
/// integers overflow.
class Quantity {
 public:
  Quantity() = default;
  /// Reads a quantity. Throws Error(invalid) naming the text.
  static Quantity parse(std::string_view text);
  /// The same; nothing if the text is not a quantity.
  static std::optional<Quantity> try_parse(std::string_view text);

  int64_t value() const;        ///< whole units, rounded away from zero: "500m" is 1
  int64_t milli_value() const;  ///< thousandths, rounded away from zero, capped

  auto operator<=>(const Quantity&) const = default;
  Quantity& operator+=(const Quantity& other);  ///< capped
  Quantity& operator-=(const Quantity& other);

 private:
  __extension__ typedef __int128 Nanos;
  Nanos nanos_ = 0;
};

/// Reads a duration as Go writes it: "1h30m", "500ms", "1.5h", "0". Nothing if the text is none, or
/// does not fit into 64 bits of nanoseconds.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace lotse::object
