#include <algorithm>
#include <cstdint>
#include <optional>

#include "runner/image/formats.h"

namespace lotse::runner::image {

namespace {

/// Reads integers of either byte order; nothing beyond the end.
class Reader {
 public:
  Reader(std::string_view bytes, bool little) : bytes_(bytes), little_(little) {}

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

/// `tiff`: what follows "Exif\0\0".
int orientation_of_tiff(std::string_view tiff) {
  if (tiff.size() < 8) return 1;
  const bool little = tiff.substr(0, 2) == "II";
  if (!little && tiff.substr(0, 2) != "MM") return 1;
  const Reader reader(tiff, little);
  const auto directory = reader.read(4, 4);
  if (!directory) return 1;
  const auto entries = reader.read(*directory, 2);
  if (!entries) return 1;
  for (size_t i = 0; i < *entries; ++i) {
    const size_t entry = size_t{*directory} + 2 + i * 12;
    const auto tag = reader.read(entry, 2);
    if (!tag) return 1;
    if (*tag != 0x0112) continue;
    const auto value = reader.read(entry + 8, 2);
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

}  // namespace

int exif_orientation(std::string_view jpeg) {
  using namespace std::string_view_literals;
  const Reader reader(jpeg, false);
  size_t at = 2;  // behind the start marker
  while (true) {
    const auto marker = reader.read(at, 2);
    const auto length = reader.read(at + 2, 2);
    if (!marker || !length || (*marker & 0xff00) != 0xff00 || *length < 2) return 1;
    if (*marker == 0xffda) return 1;  // the picture's data begins: no segments behind it
    const auto content = jpeg.substr(std::min(at + 4, jpeg.size()), *length - 2);
    if (*marker == 0xffe1 && content.substr(0, 6) == "Exif\0\0"sv)
      return orientation_of_tiff(content.substr(6));
    at += 2 + size_t{*length};
  }
}

Image apply_orientation(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const int w = image.width;
  const int h = image.height;
  const bool turned = orientation >= 5;
  Image upright = blank(turned ? h : w, turned ? w : h, 0);
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      int from_x = turned ? y : x;
      int from_y = turned ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        from_x = w - 1 - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        from_y = h - 1 - from_y;
      std::copy_n(image.at(from_x, from_y), 3, upright.at(x, y));
    }
  }
  return upright;
}

}  // namespace lotse::runner::image
