#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::runner::media {

/// A picture: 8 bits a channel, RGB interleaved, rows from the top without padding.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;  ///< height x width x 3

  uint8_t* at(int x, int y) { return rgb.data() + (static_cast<size_t>(y) * width + x) * 3; }
  const uint8_t* at(int x, int y) const {
    return rgb.data() + (static_cast<size_t>(y) * width + x) * 3;
  }
};

/// A picture of `width` x `height`, every byte `fill`.
Image blank(int width, int height, uint8_t fill);

/// More pixels than this are refused before any memory is taken for them.
inline constexpr int64_t max_pixels = 178'956'970;
/// Files longer than this are refused unread.
inline constexpr int64_t max_file_bytes = int64_t{256} << 20;

/// What is read, for people.
inline constexpr auto formats = "JPEG, PNG, WebP, BMP, TIFF";

/// JPEG, PNG (all colour types and depths; transparency dropped, 16 bits to the upper 8), WebP
/// (still; transparency dropped), BMP (1 to 32 bits a pixel, runs) or TIFF (its first picture;
/// 1 to 16 bits a channel; seven compressions), told apart by the first bytes. Orientation by EXIF,
/// or TIFF's own, is applied. Throws Error(invalid) "NAME: why" for anything else, and for files
/// that are damaged or too large.
Image decode_image(std::string_view bytes, const std::string& name);

/// decode_image of a file.
Image read_image(const std::filesystem::path& path);

/// Whether a file's ending says that it is one of these.
bool has_image_ending(const std::filesystem::path& path);

std::string encode_png(const Image& image);
std::string encode_jpeg(const Image& image, int quality = 90);
std::string encode_webp(const Image& image, int quality = 90);

}  // namespace lotse::runner::media
