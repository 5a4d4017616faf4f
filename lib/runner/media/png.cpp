#include <spng.h>

#include <cstdlib>
#include <memory>

#include "base/error.h"
#include "runner/media/formats.h"

namespace lotse::runner::media {

namespace {

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

void check(int result) {
  if (result != 0) throw Unreadable(std::string("damaged PNG: ") + spng_strerror(result));
}

/// The eXIf chunk may stand before the picture's data or behind it. The picture is read by then, so
/// damage behind it is not asked about.
int orientation(const Context& context) {
  spng_decode_chunks(context.get());
  spng_exif exif = {};
  if (spng_get_exif(context.get(), &exif) != 0) return 1;
  return exif_orientation({exif.data, exif.length});
}

void check_written(int result) {
  if (result == 0) return;
  throw base::Error(base::ErrorKind::failed,
                    std::string("cannot write PNG: ") + spng_strerror(result));
}

}  // namespace

bool is_png(std::string_view bytes) {
  return bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n";
}

Image decode_png(std::string_view bytes) {
  const Context context(spng_ctx_new(0));
  // Text and profiles are of no use here, so a file cannot make us keep much of them.
  check(spng_set_chunk_limits(context.get(), size_t{16} << 20, size_t{32} << 20));
  check(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()));
  spng_ihdr header = {};
  check(spng_get_ihdr(context.get(), &header));
  check_size(header.width, header.height);
  Image image = blank(static_cast<int>(header.width), static_cast<int>(header.height), 0);
  check(spng_decode_image(context.get(), image.rgb.data(), image.rgb.size(), SPNG_FMT_RGB8, 0));
  return apply_orientation(std::move(image), orientation(context));
}

std::string encode_png(const Image& image) {
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER));
  check_written(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check_written(spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 3));
  spng_ihdr header = {};
  header.width = static_cast<uint32_t>(image.width);
  header.height = static_cast<uint32_t>(image.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  check_written(spng_set_ihdr(context.get(), &header));
  check_written(spng_encode_image(context.get(), image.rgb.data(), image.rgb.size(), SPNG_FMT_PNG,
                                  SPNG_ENCODE_FINALIZE));
  size_t size = 0;
  int result = 0;
  const std::unique_ptr<void, void (*)(void*)> buffer(
      spng_get_png_buffer(context.get(), &size, &result), std::free);
  check_written(result);
  return {static_cast<const char*>(buffer.get()), size};
}

}  // namespace lotse::runner::media
