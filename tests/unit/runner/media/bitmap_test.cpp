// BMP and TIFF: files are put together here byte by byte, and by libtiff.
#include <tiffio.h>

#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "base/files.h"
#include "runner/media/codec.h"

using namespace lotse;
using namespace lotse::runner::media;
using Catch::Matchers::Contains;

namespace {

std::string le(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 255);
  return text;
}

struct Bmp {
  int width = 3, height = 2, bits = 24;
  uint32_t compression = 0, header = 40;
  std::string behind_header = {};  ///< masks and palette
  std::string pixels = {};

  std::string file() const {
    const size_t start = 14 + header + behind_header.size();
    std::string text =
        "BM" + le(start + pixels.size(), 4) + le(0, 4) + le(start, 4) + le(header, 4);
    if (header == 12)
      text += le(static_cast<uint32_t>(width), 2) + le(static_cast<uint32_t>(height), 2) +
              le(1, 2) + le(static_cast<uint32_t>(bits), 2);
    else
      text += le(static_cast<uint32_t>(width), 4) + le(static_cast<uint32_t>(height), 4) +
              le(1, 2) + le(static_cast<uint32_t>(bits), 2) + le(compression, 4) +
              std::string(20, '\0');
    return text + behind_header + pixels;
  }
  std::vector<uint8_t> rgb() const { return decode_image(file(), "a.bmp").rgb; }
};

// Two rows of three pixels: red green blue / white grey black.
const std::vector<uint8_t> six = {255, 0,   0,   0,   255, 0,   0, 0, 255,
                                  255, 255, 255, 128, 128, 128, 0, 0, 0};
const std::string red("\0\0\xff", 3), green("\0\xff\0", 3), blue("\xff\0\0", 3),
    white("\xff\xff\xff", 3), grey("\x80\x80\x80", 3), black("\0\0\0", 3);

/// The six colours of the picture as a palette, in its order.
std::string palette(size_t entry, size_t entries) {
  std::string text;
  for (const auto& colour : {red, green, blue, white, grey, black})
    text += colour + std::string(entry - 3, '\0');
  return text + std::string(entry * (entries - 6), '\7');
}

std::string why(const std::string& bytes) {
  try {
    decode_image(bytes, "a.img");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

Image gradient(int width, int height) {
  Image image = blank(width, height, 0);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(255 * x / width);
      image.at(x, y)[1] = static_cast<uint8_t>(255 * y / height);
      image.at(x, y)[2] = static_cast<uint8_t>(255 * (x + y) / (width + height));
    }
  return image;
}

struct Tags {
  uint16_t compression = COMPRESSION_NONE, orientation = ORIENTATION_TOPLEFT;
  uint16_t channels = 3, bits = 8, format = SAMPLEFORMAT_UINT;
  bool tiles = false;
  const char* mode = "w";
};

/// The picture as libtiff writes it; with one channel its red alone, with more than 8 bits its
/// bytes as the upper ones.
std::string tiff_file(const Image& image, const Tags& tags) {
  const base::TemporaryFolder folder;
  const auto path = folder.path() / "a.tif";
  TIFFSetWarningHandler(nullptr);  // of writing the older number of Deflate
  TIFF* file = TIFFOpen(path.c_str(), tags.mode);
  TIFFSetField(file, TIFFTAG_IMAGEWIDTH, image.width);
  TIFFSetField(file, TIFFTAG_IMAGELENGTH, image.height);
  TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, tags.bits);
  TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, tags.format);
  TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, tags.channels);
  TIFFSetField(file, TIFFTAG_PHOTOMETRIC,
               tags.channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
  TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(file, TIFFTAG_COMPRESSION, tags.compression);
  TIFFSetField(file, TIFFTAG_ORIENTATION, tags.orientation);
  const auto bytes = static_cast<size_t>(tags.bits / 8);
  const auto samples = [&](int left, int top, int width, int height) {
    std::string text;
    for (int y = top; y < top + height; ++y)
      for (int x = left; x < left + width; ++x)
        for (int c = 0; c < tags.channels; ++c) {
          const bool inside = x < image.width && y < image.height;
          text += std::string(bytes - 1, '\0') +
                  static_cast<char>(inside && c < 3 ? image.at(x, y)[c] : 255);
        }
    return text;
  };
  if (tags.tiles) {
    TIFFSetField(file, TIFFTAG_TILEWIDTH, 16);
    TIFFSetField(file, TIFFTAG_TILELENGTH, 16);
    for (int y = 0; y < image.height; y += 16)
      for (int x = 0; x < image.width; x += 16) {
        auto tile = samples(x, y, 16, 16);
        TIFFWriteTile(file, tile.data(), static_cast<uint32_t>(x), static_cast<uint32_t>(y), 0, 0);
      }
  } else {
    TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, 8);
    for (int y = 0; y < image.height; ++y) {
      auto row = samples(0, y, image.width, 1);
      TIFFWriteScanline(file, row.data(), static_cast<uint32_t>(y), 0);
    }
  }
  TIFFClose(file);
  return base::read_file(path);
}

}  // namespace

TEST_CASE("BMP: 24 bits, from below and from above, and the oldest header") {
  const std::string upper = red + green + blue + le(0, 3), lower = white + grey + black + le(0, 3);
  CHECK(Bmp{.pixels = lower + upper}.rgb() == six);
  CHECK(Bmp{.height = -2, .pixels = upper + lower}.rgb() == six);
  CHECK(Bmp{.header = 12, .pixels = lower + upper}.rgb() == six);
}

TEST_CASE("BMP: 32 and 16 bits, with and without masks") {
  const std::string pad(1, '\x2a');
  const auto row = [&](auto... colour) { return ((colour + pad) + ...); };
  const auto pixels = row(white, grey, black) + row(red, green, blue);
  CHECK(Bmp{.bits = 32, .pixels = pixels}.rgb() == six);
  const std::string masks = le(0xFF0000, 4) + le(0x00FF00, 4) + le(0x0000FF, 4);
  CHECK(Bmp{.bits = 32, .compression = 3, .behind_header = masks, .pixels = pixels}.rgb() == six);
  // Red in the lowest byte, in a header of version 5, which has the masks within.
  const std::string turned = le(0x0000FF, 4) + le(0x00FF00, 4) + le(0xFF0000, 4);
  Bmp five{.bits = 32, .compression = 3, .behind_header = turned + std::string(72, '\0')};
  five.pixels = row(white, grey, black) + row(blue, green, red);
  auto file = five.file();
  file[14] = 124;
  CHECK(decode_image(file, "a").rgb == six);

  const std::vector<uint8_t> sixteen = {255, 0,   0,   0,   255, 0,   0, 0, 255,
                                        255, 255, 255, 131, 131, 131, 0, 0, 0};
  Bmp small{.bits = 16};
  small.pixels =
      le(0x7FFF, 2) + le(0x4210, 2) + le(0, 4) + le(0x7C00, 2) + le(0x03E0, 2) + le(0x001F, 4);
  CHECK(small.rgb() == sixteen);
  small = {
      .bits = 16, .compression = 3, .behind_header = le(0xF800, 4) + le(0x07E0, 4) + le(0x001F, 4)};
  small.pixels = le(0xFFFF, 2) + le(0, 6) + le(0xF800, 2) + le(0x07E0, 2) + le(0x001F, 4);
  CHECK(small.rgb()[1 * 3 + 1] == 255);
}

TEST_CASE("BMP: palettes of 8, 4 and 1 bits, and runs") {
  CHECK(Bmp{.bits = 8,
            .behind_header = palette(4, 256),
            .pixels = le(0x00050403, 4) + le(0x00020100, 4)}
            .rgb() == six);
  CHECK(Bmp{.bits = 8,
            .header = 12,
            .behind_header = palette(3, 256),
            .pixels = le(0x00050403, 4) + le(0x00020100, 4)}
            .rgb() == six);
  CHECK(Bmp{.bits = 4, .behind_header = palette(4, 16), .pixels = le(0x5034, 4) + le(0x2001, 4)}
            .rgb() == six);
  Bmp two{.bits = 1, .pixels = le(0x40, 4) + le(0xA0, 4)};
  two.behind_header = black + std::string(1, '\0') + white + std::string(1, '\0');
  const auto bits = two.rgb();
  CHECK(bits[0] == 255);
  CHECK(bits[3] == 0);
  CHECK(bits[6] == 255);
  CHECK(bits[9] == 0);
  CHECK(bits[12] == 255);
  // Below: three values as they are, and padding; a line's end; above: runs of one, an end.
  const std::string runs("\0\3\3\4\5\0\0\0\1\0\1\1\1\2\0\1", 16);
  CHECK(Bmp{.bits = 8, .compression = 1, .behind_header = palette(4, 256), .pixels = runs}.rgb() ==
        six);
  const std::string halves("\0\3\x34\x50\0\0\2\x01\1\x20\0\1", 12);
  CHECK(Bmp{.bits = 4, .compression = 2, .behind_header = palette(4, 16), .pixels = halves}.rgb() ==
        six);
}

TEST_CASE("BMP: what is damaged, too large or of another kind is refused") {
  const std::string row(12, 'x');
  CHECK_THAT(why(Bmp{.pixels = row}.file()), Contains("damaged BMP: the file ends too early"));
  CHECK_THAT(why("BM"), Contains("damaged BMP"));
  CHECK_THAT(why(Bmp{.width = 0x7FFFFFFF, .height = 0x7FFFFFFF}.file()), Contains("too large"));
  CHECK_THAT(why(Bmp{.width = -3}.file()), Contains("no area"));
  CHECK_THAT(why(Bmp{.height = static_cast<int>(0x80000000)}.file()), Contains("too large"));
  CHECK_THAT(why(Bmp{.compression = 4}.file()), Contains("24 bits a pixel with compression 4"));
  CHECK_THAT(why(Bmp{.bits = 7}.file()), Contains("7 bits"));
  const std::string beyond("\4\0\0\1", 4);
  CHECK_THAT(
      why(Bmp{.bits = 8, .compression = 1, .behind_header = palette(4, 256), .pixels = beyond}
              .file()),
      Contains("a run leaves the picture"));
}

TEST_CASE("TIFF: each compression of the field, strips and tiles, either byte order, BigTIFF") {
  const Image image = gradient(41, 23);
  for (const uint16_t compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                     COMPRESSION_DEFLATE, COMPRESSION_PACKBITS}) {
    INFO(compression);
    CHECK(decode_image(tiff_file(image, {.compression = compression}), "a").rgb == image.rgb);
    CHECK(decode_image(tiff_file(image, {.compression = compression, .tiles = true}), "a").rgb ==
          image.rgb);
  }
  for (const auto* mode : {"wl", "wb", "w8"})
    CHECK(decode_image(tiff_file(image, {.mode = mode}), "a").rgb == image.rgb);
  const auto lossy = decode_image(tiff_file(image, {.compression = COMPRESSION_JPEG}), "a");
  CHECK(std::abs(lossy.at(20, 10)[0] - image.at(20, 10)[0]) < 16);
}

TEST_CASE("TIFF: grey, 16 bits, a fourth channel") {
  const Image image = gradient(20, 10);
  const auto grey_one = decode_image(tiff_file(image, {.channels = 1}), "a");
  CHECK(grey_one.at(15, 5)[0] == image.at(15, 5)[0]);
  CHECK(grey_one.at(15, 5)[2] == image.at(15, 5)[0]);
  const auto deep = decode_image(tiff_file(image, {.bits = 16}), "a");
  CHECK(std::abs(deep.at(15, 5)[1] - image.at(15, 5)[1]) <= 1);
  CHECK(decode_image(tiff_file(image, {.channels = 4}), "a").rgb == image.rgb);
}

TEST_CASE("TIFF: each orientation is applied") {
  const Image image = gradient(20, 10);
  for (uint16_t orientation = 1; orientation <= 8; ++orientation) {
    INFO(orientation);
    const auto upright = decode_image(tiff_file(image, {.orientation = orientation}), "a");
    CHECK(upright.width == (orientation >= 5 ? 10 : 20));
    // Where the file's first pixel, dark, comes to lie.
    const bool right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    const bool below = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    const auto* corner = upright.at(right ? upright.width - 1 : 0, below ? upright.height - 1 : 0);
    CHECK(corner[0] + corner[1] + corner[2] == 0);
  }
}

TEST_CASE(
    "TIFF: what is damaged, too large or of another kind is refused, and libtiff prints nothing") {
  const Image image = gradient(41, 23);
  const auto good = tiff_file(image, {.compression = COMPRESSION_LZW});
  CHECK_THAT(why(good.substr(0, 8)), Contains("a.img: damaged TIFF: "));
  CHECK_THAT(why(good.substr(0, good.size() / 2)), Contains("damaged TIFF"));
  CHECK_THAT(why(tiff_file(image, {.bits = 32, .format = SAMPLEFORMAT_IEEEFP})),
             Contains("is not read"));
  CHECK_THAT(why(tiff_file(image, {.compression = COMPRESSION_LZMA, .channels = 1})),
             Contains("compression 34925 is not read"));
  std::mt19937 random(7);
  for (const auto& from :
       {good, tiff_file(image, {.tiles = true}), Bmp{.pixels = std::string(24, 'x')}.file()}) {
    for (int i = 0; i < 300; ++i) {
      std::string bad = from;
      for (int k = 0; k < 4; ++k) bad[random() % bad.size()] = static_cast<char>(random());
      try {
        const Image read = decode_image(bad, "bad");
        CHECK(read.rgb.size() == static_cast<size_t>(read.width) * read.height * 3);
      } catch (const base::Error& error) {
        CHECK(error.kind() == base::ErrorKind::invalid);
      }
    }
  }
}
