#include <webp/decode.h>
#include <webp/encode.h>

#include <memory>

#include "base/error.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

namespace {

const char* describe(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "out of memory";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "unsupported feature";
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "the file ends too early";
    default:
      return "bitstream error";
  }
}

}  // namespace

bool is_webp(std::string_view bytes) {
  return bytes.size() >= 12 && bytes.substr(0, 4) == "RIFF" && bytes.substr(8, 4) == "WEBP";
}

Image decode_webp(std::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPBitstreamFeatures features = {};
  const auto status = WebPGetFeatures(data, bytes.size(), &features);
  if (status != VP8_STATUS_OK) throw Unreadable(std::string("damaged WebP: ") + describe(status));
  if (features.has_animation != 0) throw Unreadable("an animated WebP is not a picture");
  check_size(features.width, features.height);
  Image image = blank(features.width, features.height, 0);
  if (WebPDecodeRGBInto(data, bytes.size(), image.rgb.data(), image.rgb.size(), image.width * 3) ==
      nullptr)
    throw Unreadable("damaged WebP: its data cannot be decoded");
  return apply_orientation(std::move(image), exif_orientation(exif_of_webp(bytes)));
}

std::string encode_webp(const Image& image, int quality) {
  uint8_t* buffer = nullptr;
  const size_t size = WebPEncodeRGB(image.rgb.data(), image.width, image.height, image.width * 3,
                                    static_cast<float>(quality), &buffer);
  const std::unique_ptr<uint8_t, void (*)(void*)> owner(buffer, WebPFree);
  if (size == 0) throw base::Error(base::ErrorKind::failed, "cannot write WebP");
  return {reinterpret_cast<const char*>(buffer), size};
}

}  // namespace lotse::runner::media
