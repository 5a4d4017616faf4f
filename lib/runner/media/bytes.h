#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace lotse::runner::media {

/// Reads unsigned integers of either byte order; nothing beyond the end.
class Bytes {
 public:
  Bytes(std::string_view bytes, bool little) : bytes_(bytes), little_(little) {}

  /// `width`: 1 to 4 bytes.
  std::optional<uint32_t> read(size_t at, size_t width) const {
    if (at > bytes_.size() || bytes_.size() - at < width) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const auto byte = static_cast<uint8_t>(bytes_[at + (little_ ? width - 1 - i : i)]);
      value = value << 8 | byte;
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool little_;
};

}  // namespace lotse::runner::media
