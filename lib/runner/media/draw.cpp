#include "runner/media/draw.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "runner/media/font.h"

namespace lotse::runner::media {

namespace {

constexpr int letter_width = 6;   // with the gap to the next
constexpr int letter_height = 9;  // with a margin above and below

/// Right and bottom edges are not part of the area.
void fill(Image& image, int left, int top, int right, int bottom, const Colour& colour) {
  left = std::clamp(left, 0, image.width);
  right = std::clamp(right, 0, image.width);
  top = std::clamp(top, 0, image.height);
  bottom = std::clamp(bottom, 0, image.height);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) std::copy(colour.begin(), colour.end(), image.at(x, y));
  }
}

std::array<uint8_t, 7> glyph(char letter) {
  const int capital = std::toupper(static_cast<unsigned char>(letter));
  for (const auto& known : font) {
    if (known.letter == capital) return known.rows;
  }
  return {31, 31, 31, 31, 31, 31, 31};
}

void write(Image& image, int left, int top, std::string_view text, int dot, const Colour& colour) {
  for (const char letter : text) {
    const auto rows = glyph(letter);
    for (int y = 0; y < 7; ++y) {
      for (int x = 0; x < 5; ++x) {
        if ((rows[static_cast<size_t>(y)] >> (4 - x) & 1) != 0)
          fill(image, left + x * dot, top + y * dot, left + (x + 1) * dot, top + (y + 1) * dot,
               colour);
      }
    }
    left += letter_width * dot;
  }
}

/// Black or white, whichever stands out (luma of ITU-R BT.601).
Colour ink_on(const Colour& colour) {
  const double luma = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];
  return luma > 140 ? Colour{0, 0, 0} : Colour{255, 255, 255};
}

/// The side of a letter's dots in a picture of this size.
int dot_in(const Image& image) {
  return std::max(std::max(image.width, image.height) / 480, 1);
}

/// Text on a ground of that colour.
void put_label(Image& image, int left, int top, std::string_view label, const Colour& colour) {
  const int dot = dot_in(image);
  const int width = (static_cast<int>(label.size()) * letter_width + 1) * dot;
  fill(image, left, top, left + width, top + letter_height * dot, colour);
  write(image, left + dot, top + dot, label, dot, ink_on(colour));
}

/// A coordinate as a pixel, also where it is NaN or lies far outside.
int pixel(float value, int limit) {
  if (!(value > 0)) return 0;
  return value < static_cast<float>(limit) ? static_cast<int>(std::lround(value)) : limit;
}

}  // namespace

Colour class_colour(int64_t class_id) {
  const double hue = std::fmod(static_cast<double>(class_id) * 137.50776405 + 210, 360.0) / 60;
  const auto channel = [&](double offset) {
    const double at = std::fmod(hue + offset, 6.0);
    const double part = std::clamp(std::min(at, 4 - at), 0.0, 1.0);
    return static_cast<uint8_t>(std::lround(255 * (1 - 0.85 * part)));
  };
  return {channel(5), channel(3), channel(1)};
}

void draw_box(Image& image, const std::array<float, 4>& box, std::string_view label,
              const Colour& colour) {
  const int side = std::max(image.width, image.height);
  const int line = std::max(side / 320, 1);
  const int left = pixel(box[0], image.width);
  const int top = pixel(box[1], image.height);
  const int right = pixel(box[2], image.width);
  const int bottom = pixel(box[3], image.height);
  fill(image, left, top, right, top + line, colour);
  fill(image, left, bottom - line, right, bottom, colour);
  fill(image, left, top, left + line, bottom, colour);
  fill(image, right - line, top, right, bottom, colour);
  if (label.empty()) return;
  const int height = letter_height * dot_in(image);
  const int width = (static_cast<int>(label.size()) * letter_width + 1) * dot_in(image);
  const int label_top = top >= height ? top - height : top;
  const int label_left = std::max(std::min(left, image.width - width), 0);
  put_label(image, label_left, label_top, label, colour);
}

void draw_lines(Image& image, const std::vector<std::string>& lines, const Colour& colour) {
  int top = 0;
  for (const auto& line : lines) {
    put_label(image, 0, top, line, colour);
    top += letter_height * dot_in(image);
  }
}

}  // namespace lotse::runner::media
