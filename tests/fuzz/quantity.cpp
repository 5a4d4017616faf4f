#include "object/quantity.h"

#include <limits>
#include <vector>

#include "reads.h"

using lotse::object::parse_duration;
using lotse::object::Quantity;

namespace {

constexpr int64_t most = std::numeric_limits<int64_t>::max();

/// Thousandths and whole units are rounded away from zero, from the same amount.
void hold_roundings(const Quantity& quantity) {
  const auto value = quantity.value(), milli = quantity.milli_value();
  must_hold((value > 0) == (milli > 0) && (value < 0) == (milli < 0));
  if (milli == most || milli == -most) return;
  must_hold(value == milli / 1000 + (milli % 1000 > 0) - (milli % 1000 < 0));
}

/// Only in the program that must be found out: reads behind the end of the text "7Gi".
void planted_bug(std::string_view text) {
#ifdef LOTSE_PLANTED_BUG
  const std::vector<char> copy(text.begin(), text.end());
  if (text.size() > 2 && text[0] == '7' && text[1] == 'G' && text[2] == 'i')
    must_hold(copy.data()[copy.size()] != copy[0]);
#else
  (void)text;
#endif
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = as_text(data, size);
  planted_bug(text);
  if (const auto quantity = Quantity::try_parse(text)) hold_roundings(*quantity);
  parse_duration(text);
  return 0;
}
