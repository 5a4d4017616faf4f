#include <turbojpeg.h>

#include <memory>

#include "base/error.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

namespace {

struct DestroyHandle {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, DestroyHandle>;

const unsigned char* data(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// A warning leaves a picture that can be used, unless the file ends too early.
void check(int result, const Handle& handle) {
  if (result == 0) return;
  const std::string why = tjGetErrorStr2(handle.get());
  if (tjGetErrorCode(handle.get()) == TJERR_WARNING &&
      why.find("remature end") == std::string::npos)
    return;
  throw Unreadable("damaged JPEG: " + why);
}

/// Adobe's files hold the inverse of each ink.
void cmyk_to_rgb(const std::vector<uint8_t>& inks, Image& image) {
  for (size_t i = 0; i < inks.size() / 4; ++i) {
    for (size_t c = 0; c < 3; ++c)
      image.rgb[i * 3 + c] = static_cast<uint8_t>(inks[i * 4 + c] * inks[i * 4 + 3] / 255);
  }
}

}  // namespace

bool is_jpeg(std::string_view bytes) {
  return bytes.substr(0, 3) == "\xff\xd8\xff";
}

Image decode_jpeg(std::string_view bytes) {
  const Handle handle(tjInitDecompress());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  check(tjDecompressHeader3(handle.get(), data(bytes), bytes.size(), &width, &height, &subsampling,
                            &colours),
        handle);
  check_size(width, height);
  Image image = blank(width, height, 0);
  const bool inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
  std::vector<uint8_t> ink_pixels(inks ? static_cast<size_t>(width) * height * 4 : 0);
  // A progressive file may hold any number of scans, each costing a pass over the picture.
  check(tjDecompress2(handle.get(), data(bytes), bytes.size(),
                      inks ? ink_pixels.data() : image.rgb.data(), width, 0, height,
                      inks ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS),
        handle);
  if (inks) cmyk_to_rgb(ink_pixels, image);
  return apply_orientation(std::move(image), exif_orientation(exif_of_jpeg(bytes)));
}

std::string encode_jpeg(const Image& image, int quality) {
  const Handle handle(tjInitCompress());
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  const int result = tjCompress2(handle.get(), image.rgb.data(), image.width, 0, image.height,
                                 TJPF_RGB, &buffer, &size, TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(buffer, tjFree);
  if (result != 0) {
    throw base::Error(base::ErrorKind::failed,
                      std::string("cannot write JPEG: ") + tjGetErrorStr2(handle.get()));
  }
  return {reinterpret_cast<const char*>(buffer), size};
}

}  // namespace lotse::runner::media
