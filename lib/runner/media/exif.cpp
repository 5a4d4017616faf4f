#include <algorithm>
#include <cstdint>

#include "runner/media/bytes.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

int exif_orientation(std::string_view exif) {
  using namespace std::string_view_literals;
  if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  if (exif.size() < 8) return 1;
  const bool little = exif.starts_with("II");
  if (!little && !exif.starts_with("MM")) return 1;
  const Bytes reader(exif, little);
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

std::string_view exif_of_jpeg(std::string_view jpeg) {
  using namespace std::string_view_literals;
  const Bytes reader(jpeg, false);
  size_t at = 2;  // behind the start marker
  while (true) {
    const auto marker = reader.read(at, 2);
    const auto length = reader.read(at + 2, 2);
    if (!marker || !length || (*marker & 0xff00) != 0xff00 || *length < 2) return {};
    if (*marker == 0xffda) return {};  // the picture's data begins: no segments behind it
    const auto content = jpeg.substr(std::min(at + 4, jpeg.size()), *length - 2);
    if (*marker == 0xffe1 && content.starts_with("Exif\0\0"sv)) return content;
    at += 2 + size_t{*length};
  }
}

std::string_view exif_of_webp(std::string_view webp) {
  const Bytes reader(webp, true);
  for (size_t at = 12; at < webp.size();) {  // behind "RIFF", a length and "WEBP"
    const auto length = reader.read(at + 4, 4);
    if (!length) return {};
    if (webp.substr(at, 4) == "EXIF") return webp.substr(at + 8, *length);
    at += 8 + size_t{*length} + *length % 2;
  }
  return {};
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

}  // namespace lotse::runner::media
