#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotse::object {

/// An amount such as "500m", "1.5Gi" or "2e3" (k8s.io/apimachinery/pkg/api/resource). Kept in
/// units of 10^-9, rounded away from zero, capped at 2^63-1 as the API server does. Held to
/// apimachinery v0.36.3 by tests/oracle: the same, but where its own integers overflow.
class Quantity {
 public:
  Quantity() = default;
  /// Throws Error(invalid) naming the text.
  static Quantity parse(std::string_view text);
  /// Nothing if the text is not a quantity.
  static std::optional<Quantity> try_parse(std::string_view text);

  int64_t value() const;        ///< whole units, rounded away from zero: "500m" is 1
  int64_t milli_value() const;  ///< thousandths, rounded away from zero, capped

  auto operator<=>(const Quantity&) const = default;

 private:
  __extension__ typedef __int128 Nanos;
  Nanos nanos_ = 0;
};

/// A duration as Go writes it: "1h30m", "500ms", "1.5h", "0". Nothing if it is not one, or does not
/// fit into 64 bits of nanoseconds.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace lotse::object
