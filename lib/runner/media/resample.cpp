#include "runner/media/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runner/media/wide.h"

namespace lotse::runner::media {

namespace {

constexpr int weight_bits = 22;  // 8 bits of a value and the sign need the rest of 32

/// The pixels that one output pixel is the mean of, and their weights, which sum up to 1.
struct Window {
  int first = 0;
  std::vector<int32_t> weights;  // of 2^22
};

std::vector<Window> windows(int from, int to) {
  const double scale = static_cast<double>(from) / to, reach = std::max(scale, 1.0);
  std::vector<Window> all(static_cast<size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - reach + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + reach + 0.5), from);
    std::vector<double> parts;
    double sum = 0;
    for (int x = first; x < end; ++x) {
      parts.push_back(std::max(1 - std::abs((x - centre + 0.5) / reach), 0.0));
      sum += parts.back();
    }
    auto& window = all[static_cast<size_t>(i)];
    window.first = first;
    for (const double part : parts)
      window.weights.push_back(static_cast<int32_t>(0.5 + part / sum * (1 << weight_bits)));
  }
  return all;
}

uint8_t rounded(int32_t sum) {
  return static_cast<uint8_t>(std::min(sum >> weight_bits, 255));
}

/// A row of the part, from its left edge on.
void across(const uint8_t* row, const std::vector<Window>& columns, uint8_t* into) {
  for (const auto& window : columns) {
    int32_t sums[3] = {1 << (weight_bits - 1), 1 << (weight_bits - 1), 1 << (weight_bits - 1)};
    const uint8_t* pixel = row + static_cast<size_t>(window.first) * 3;
    for (const int32_t weight : window.weights) {
      for (int c = 0; c < 3; ++c) sums[c] += *pixel++ * weight;
    }
    for (const int32_t sum : sums) *into++ = rounded(sum);
  }
}

LOTSE_WIDE void add_row(const uint8_t* row, int32_t weight, size_t count, int32_t* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += row[i] * weight;
}

LOTSE_WIDE void round_row(const int32_t* sums, size_t count, uint8_t* into) {
  for (size_t i = 0; i < count; ++i) {
    const int32_t value = sums[i] >> weight_bits;
    into[i] = static_cast<uint8_t>(value < 255 ? value : 255);
  }
}

}  // namespace

Image cut(const Image& image, const Part& part) {
  Image result = blank(part.width, part.height, 0);
  for (int y = 0; y < part.height; ++y)
    std::memcpy(result.at(0, y), image.at(part.left, part.top + y),
                static_cast<size_t>(part.width) * 3);
  return result;
}

Image resample(const Image& image, const Part& part, int width, int height) {
  Image narrow;
  if (width == part.width) {
    narrow = cut(image, part);
  } else {
    narrow = blank(width, part.height, 0);
    const auto columns = windows(part.width, width);
    for (int y = 0; y < part.height; ++y)
      across(image.at(part.left, part.top + y), columns, narrow.at(0, y));
  }
  if (height == part.height) return narrow;
  Image result = blank(width, height, 0);
  const auto row_size = static_cast<size_t>(width) * 3;
  std::vector<int32_t> sums(row_size);
  const auto rows = windows(part.height, height);
  for (int y = 0; y < height; ++y) {
    const auto& window = rows[static_cast<size_t>(y)];
    std::fill(sums.begin(), sums.end(), 1 << (weight_bits - 1));
    for (size_t i = 0; i < window.weights.size(); ++i)
      add_row(narrow.at(0, window.first + static_cast<int>(i)), window.weights[i], row_size,
              sums.data());
    round_row(sums.data(), row_size, result.at(0, y));
  }
  return result;
}

}  // namespace lotse::runner::media
