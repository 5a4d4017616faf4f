#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <string_view>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/media/codec.h"
#include "runner/media/draw.h"
#include "runner/media/formats.h"
#include "runner/media/letterbox.h"

using namespace lotse;
using namespace lotse::runner::media;
using Catch::Matchers::Contains;

namespace {

// 1 x 1 PNG files, made by hand: grey and alpha of 16 bits; a palette of one colour.
constexpr std::string_view grey_alpha_16 =
    "89504e470d0a1a0a0000000d4948445200000001000000011004000000e58cd0410000000d49444154789c63"
    "6810626007000242009aa1a3e8a60000000049454e44ae426082";
constexpr std::string_view palette_8 =
    "89504e470d0a1a0a0000000d494844520000000100000001080300000028cb34bb00000003504c54450ac81e"
    "53c1d8290000000a49444154789c636000000002000148afa4710000000049454e44ae426082";

/// Smooth, so that lossy formats come near it; no symmetry, so that a turn shows.
Image gradient(int width, int height) {
  Image image = blank(width, height, 0);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(255 * x / width);
      image.at(x, y)[1] = static_cast<uint8_t>(255 * y / height);
      image.at(x, y)[2] = static_cast<uint8_t>(255 * (x + y) / (width + height));
    }
  }
  return image;
}

double mean_difference(const Image& a, const Image& b) {
  REQUIRE(a.rgb.size() == b.rgb.size());
  double sum = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(a.rgb[i] - b.rgb[i]);
  return sum / static_cast<double>(a.rgb.size());
}

std::string reason(const std::string& bytes) {
  try {
    decode_image(bytes, "name.img");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

/// An EXIF block, which is a TIFF without a picture, that holds nothing but an orientation.
std::string orientation_block(char orientation, bool little) {
  const std::string before = little ? std::string("II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0", 18)
                                    : std::string("MM\0*\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0", 19);
  return base::cat(before, orientation, std::string(little ? 7 : 6, '\0'));
}

std::string with_orientation(const std::string& jpeg, char orientation, bool little) {
  const std::string content = std::string("Exif\0\0", 6) + orientation_block(orientation, little);
  const auto length = static_cast<char>(content.size() + 2);
  return base::cat(jpeg.substr(0, 2), "\xff\xe1", '\0', length, content, jpeg.substr(2));
}

}  // namespace

TEST_CASE("a picture comes back from each format") {
  const Image image = gradient(61, 43);
  CHECK(decode_image(encode_png(image), "a").rgb == image.rgb);
  CHECK(mean_difference(decode_image(encode_jpeg(image, 95), "a"), image) < 4);
  CHECK(mean_difference(decode_image(encode_webp(image, 95), "a"), image) < 4);
}

namespace {
std::string le32(size_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * i & 255);
  return bytes;
}

std::string be32(size_t value) {
  const auto bytes = le32(value);
  return {bytes.rbegin(), bytes.rend()};
}

/// A simple WebP as an extended one (VP8X, EXIF flag) of 48 x 32, with more chunks behind the
/// picture's.
std::string webp_with_chunks(const std::string& simple, const std::vector<std::string>& chunks) {
  const std::string extended("\10\0\0\0\x2f\0\0\x1f\0\0", 10);
  std::string body = base::cat("WEBPVP8X", le32(10), extended, simple.substr(12));
  for (const auto& chunk : chunks) body += chunk;
  return base::cat("RIFF", le32(body.size()), body);
}

std::string png_chunk(const std::string& type, const std::string& content) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : type + content) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
  }
  return be32(content.size()) + type + content + be32(~crc & 0xFFFFFFFF);
}

/// The picture of gradient(48, 32) turned as orientation 6 says: the first row of the file is the
/// right side of what is meant.
void check_turned(const Image& turned) {
  REQUIRE(turned.width == 32);
  REQUIRE(turned.height == 48);
  CHECK(turned.at(31, 0)[0] < 20);
  CHECK(turned.at(31, 47)[0] > 230);
  CHECK(turned.at(0, 0)[1] > 230);
}
}  // namespace

TEST_CASE("EXIF's orientation is applied") {
  const std::string jpeg = encode_jpeg(gradient(48, 32), 95);
  for (const bool little : {true, false})
    check_turned(decode_image(with_orientation(jpeg, 6, little), "a"));
  CHECK(exif_orientation(exif_of_jpeg(with_orientation(jpeg, 8, true))) == 8);
  CHECK(exif_orientation(exif_of_jpeg(with_orientation(jpeg, 9, true))) == 1);
  CHECK(exif_orientation(exif_of_jpeg(with_orientation(jpeg, 8, true).substr(0, 30))) == 1);
}

TEST_CASE("EXIF's orientation is applied in WebP too, behind chunks of any length") {
  for (const std::string& prefix : {std::string(), std::string("Exif\0\0", 6)}) {
    const std::string exif = prefix + orientation_block(6, prefix.empty());
    std::string webp = encode_webp(gradient(48, 32), 95);
    const std::string odd = std::string("XXXX\3\0\0\0abc\0", 12);
    webp = webp_with_chunks(webp, {odd, base::cat("EXIF", le32(exif.size()), exif)});
    check_turned(decode_image(webp, "a"));
    CHECK(exif_of_webp(webp.substr(0, webp.size() - 20)).size() < exif.size());
  }
  CHECK(exif_of_webp(encode_webp(gradient(48, 32))).empty());
}

TEST_CASE("EXIF's orientation is applied in PNG too, before the data and behind them") {
  const std::string png = encode_png(gradient(48, 32));
  const std::string chunk = png_chunk("eXIf", orientation_block(6, false));
  const size_t header = 8 + 25, end = png.size() - 12;
  check_turned(decode_image(png.substr(0, header) + chunk + png.substr(header), "a"));
  check_turned(decode_image(png.substr(0, end) + chunk + png.substr(end), "a"));
  CHECK(decode_image(png.substr(0, end), "a").width == 48);  // the picture is whole, its end is not
}

TEST_CASE("each orientation undoes a known turn") {
  const Image image = gradient(5, 3);
  CHECK(apply_orientation(apply_orientation(image, 6), 8).rgb == image.rgb);
  for (const int own_inverse : {2, 3, 4, 5, 7})
    CHECK(apply_orientation(apply_orientation(image, own_inverse), own_inverse).rgb == image.rgb);
  const Image mirrored = apply_orientation(image, 2);
  CHECK(mirrored.at(0, 1)[0] == image.at(4, 1)[0]);
  CHECK(apply_orientation(image, 4).at(2, 0)[1] == image.at(2, 2)[1]);
}

TEST_CASE("bytes that are no picture are refused with the reason") {
  CHECK_THAT(reason(""), Contains("name.img: the file is empty"));
  CHECK_THAT(reason("GIF89a..."), Contains("name.img: none of JPEG, PNG, WebP, BMP, TIFF"));
  const Image image = gradient(64, 64);
  for (const auto& good : {encode_png(image), encode_jpeg(image), encode_webp(image)}) {
    for (const size_t part : {size_t{12}, good.size() / 4, good.size() / 2, good.size() * 3 / 4})
      CHECK_THAT(reason(good.substr(0, part)), Contains("name.img: "));
  }
}

TEST_CASE("a PNG that claims a huge size costs nothing") {
  std::string png = encode_png(gradient(8, 8));
  png.replace(16, 8, std::string("\x7f\xff\xff\xff\x7f\xff\xff\xff", 8));
  CHECK_FALSE(reason(png).empty());
}

TEST_CASE("flipped bytes never do more than fail") {
  std::mt19937 random(7);
  const Image image = gradient(40, 30);
  for (const auto& good : {encode_png(image), encode_jpeg(image), encode_webp(image)}) {
    for (int i = 0; i < 300; ++i) {
      std::string bad = good;
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

TEST_CASE("PNG's other colour types become RGB") {
  const auto hex = [](std::string_view digits) {
    std::string bytes;
    for (size_t i = 0; i < digits.size(); i += 2)
      bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return bytes;
  };
  const auto grey_alpha = decode_image(hex(grey_alpha_16), "a");
  CHECK(grey_alpha.rgb == std::vector<uint8_t>{0x80, 0x80, 0x80});
  const auto palette = decode_image(hex(palette_8), "a");
  CHECK(palette.rgb == std::vector<uint8_t>{10, 200, 30});
}

TEST_CASE("the letterbox follows the field's rule") {
  const auto wide = plan_letterbox(1280, 720, 640, Canvas::rectangle);
  CHECK(wide.width == 640);
  CHECK(wide.height == 384);
  CHECK(wide.scaled_height == 360);
  CHECK(wide.top == 12);
  CHECK(wide.left == 0);
  const auto square = plan_letterbox(1280, 720, 640, Canvas::square);
  CHECK(square.height == 640);
  CHECK(square.top == 140);
  const auto odd = plan_letterbox(100, 33, 64, Canvas::square);
  CHECK(odd.scaled_height == 21);
  CHECK(odd.top == 21);  // 43 spare rows: the odd one below
  const auto small = plan_letterbox(10, 10, 64, Canvas::square, 32, false);
  CHECK(small.scaled_width == 10);
  CHECK(plan_letterbox(5000, 1, 640, Canvas::rectangle).scaled_height == 1);
}

TEST_CASE("boxes go to the canvas and back") {
  for (const auto canvas : {Canvas::square, Canvas::rectangle}) {
    const auto plan = plan_letterbox(1013, 577, 640, canvas);
    const std::array<float, 4> box = {10.5F, 20, 900, 570.25F};
    const auto back = plan.to_source(plan.to_canvas(box));
    for (size_t i = 0; i < 4; ++i) CHECK(back[i] == Approx(box[i]).margin(1e-2));
    const auto clipped = plan.to_source({-50, -50, 5000, 5000});
    CHECK(clipped == std::array<float, 4>{0, 0, 1013, 577});
  }
}

TEST_CASE("resizing is bilinear with half-pixel centres") {
  Image two = blank(2, 1, 0);
  two.at(1, 0)[0] = 100;
  const Image four = resize(two, 4, 1);
  CHECK(four.at(0, 0)[0] == 0);
  CHECK(four.at(1, 0)[0] == 25);
  CHECK(four.at(2, 0)[0] == 75);
  CHECK(four.at(3, 0)[0] == 100);
  CHECK(resize(gradient(9, 7), 9, 7).rgb == gradient(9, 7).rgb);
  const Image flat = resize(blank(50, 40, 77), 13, 91);
  CHECK(std::all_of(flat.rgb.begin(), flat.rgb.end(), [](uint8_t v) { return v == 77; }));
}

TEST_CASE("both forms of the letterbox hold the same picture, on grey") {
  const Image image = gradient(70, 40);
  const auto plan = plan_letterbox(70, 40, 64, Canvas::square);
  const Image boxed = letterbox(image, plan);
  std::vector<float> pixels(static_cast<size_t>(3) * plan.width * plan.height, -1);
  const int cut = GENERATE(0, 5, 30, 60);  // in bands, wherever they are cut
  letterbox_into(image, plan, 0, cut, pixels.data());
  letterbox_into(image, plan, cut, plan.height, pixels.data());
  CHECK(boxed.at(0, 0)[0] == 114);
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < plan.height; ++y) {
      for (int x = 0; x < plan.width; ++x) {
        const float value = pixels[static_cast<size_t>((y * plan.width + x) * 3 + c)];
        REQUIRE(value == Approx(boxed.at(x, y)[c] / 255.0));
      }
    }
  }
}

TEST_CASE("lines are written from the upper left corner on, and nothing outside the picture") {
  auto image = blank(100, 40, 7);
  draw_lines(image, {"star 0.97", std::string(60, 'x')}, {10, 200, 30});
  CHECK(image.at(0, 0)[1] == 200);
  CHECK(image.at(0, 10)[1] == 200);
  CHECK(image.at(99, 10)[1] == 200);
  CHECK(image.at(99, 0)[1] == 7);
  CHECK(image.at(0, 20)[1] == 7);
}

TEST_CASE("boxes are drawn where they are, and nothing outside the picture") {
  Image image = blank(100, 80, 0);
  const Colour colour = {255, 0, 0};
  draw_box(image, {20, 30, 60, 70}, "", colour);
  CHECK(image.at(20, 30)[0] == 255);
  CHECK(image.at(59, 69)[0] == 255);
  CHECK(image.at(60, 70)[0] == 0);
  CHECK(image.at(40, 50)[0] == 0);
  draw_box(image, {-1e30F, NAN, 1e30F, 1e30F}, base::cat(std::string(500, 'x'), "\xff"), colour);
  draw_box(image, {90, 70, 99, 79}, "cat 0.98", colour);
}
