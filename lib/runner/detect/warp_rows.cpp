#include "runner/detect/warp_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>

#include "runner/media/wide.h"

namespace lotse::runner::detect {

namespace {

using media::Pixels;

/// Pixels around a canvas, so that two neighbours of any place are there: both grey from here on.
constexpr int frame = 2;
/// What two pixels are read as, of which they are the first six.
constexpr size_t read_at_once = 8;

/// Where along one axis each target pixel reads: two neighbours and the weight of the second.
/// Centres map to centres (pixel i spans i to i + 1), as boxes do.
struct Tap {
  int first = 0;
  uint8_t weight = 0;  // of 256
};

/// Two neighbours that are both outside become those that are next to the canvas.
std::vector<Tap> taps(int target, int canvas, double zoom, double offset) {
  std::vector<Tap> result(static_cast<size_t>(target));
  for (int i = 0; i < target; ++i) {
    const double at = (i + 0.5 - offset) / zoom - 0.5;
    const auto fixed = static_cast<int64_t>(std::floor(at * 256));
    result[static_cast<size_t>(i)] = {
        static_cast<int>(std::clamp<int64_t>(fixed >> 8, -frame, canvas)),
        static_cast<uint8_t>(fixed & 255)};
  }
  return result;
}

/// Neighbouring pixels from where the first begins.
void read_two(const uint8_t* rgb, uint32_t& first, uint32_t& second) {
  uint64_t both = 0;
  std::memcpy(&both, rgb, read_at_once);
  first = static_cast<uint32_t>(both), second = static_cast<uint32_t>(both >> 24);
}

LOTSE_WIDE void mix_columns(const uint8_t* first, const uint8_t* second, const uint8_t* weights,
                            size_t count, uint16_t* into) {
  for (size_t i = 0; i < count; ++i)
    into[i] = static_cast<uint16_t>((first[i] << 8) + weights[i] * (second[i] - first[i]));
}

LOTSE_WIDE void mix_rows(const uint16_t* above, const uint16_t* below, int weight, size_t count,
                         uint8_t* into) {
  for (size_t i = 0; i < count; ++i)
    into[i] = static_cast<uint8_t>((above[i] * (256 - weight) + below[i] * weight + 32768) >> 16);
}

/// Rows of a canvas, stretched along x and 256 times as large, four bytes a pixel. The latest two
/// are kept, for the next target row often needs them again.
class StretchedRows {
 public:
  StretchedRows(const Collage& collage, const std::vector<Tap>& columns)
      : collage_(collage),
        begin_(columns.front().first),
        end_(columns.back().first + 2),
        row_(static_cast<size_t>(end_ - begin_) * 3 + read_at_once),
        first_(columns.size()),
        second_(columns.size()) {
    for (const auto& [first, weight] : columns) {
      offsets_.push_back((first - begin_) * 3);
      weights_.insert(weights_.end(), 4, weight);
    }
    for (auto& slot : slots_) slot.values.resize(weights_.size());
  }

  /// Row `y` and the next, mixed.
  void mix(const Tap& tap, Pixels& into) {
    if (slots_[1].y == tap.first) std::swap(slots_[0], slots_[1]);
    stretch(tap.first, slots_[0]);
    stretch(tap.first + 1, slots_[1]);
    mix_rows(slots_[0].values.data(), slots_[1].values.data(), tap.weight, weights_.size(),
             reinterpret_cast<uint8_t*>(into.data()));
  }

 private:
  struct Slot {
    std::optional<int> y;
    std::vector<uint16_t> values;
  };

  void stretch(int y, Slot& slot) {
    if (slot.y == y) return;
    slot.y = y;
    copy_row(collage_, y, begin_, end_, row_.data());
    for (size_t i = 0; i < offsets_.size(); ++i)
      read_two(row_.data() + offsets_[i], first_[i], second_[i]);
    mix_columns(reinterpret_cast<const uint8_t*>(first_.data()),
                reinterpret_cast<const uint8_t*>(second_.data()), weights_.data(), weights_.size(),
                slot.values.data());
  }

  const Collage& collage_;
  int begin_, end_;           ///< columns of the canvas that are read
  std::vector<uint8_t> row_;  ///< those of a row
  std::vector<int> offsets_;  ///< in it, of each target pixel
  std::vector<uint8_t> weights_;
  Pixels first_, second_;
  Slot slots_[2];
};

/// A canvas as a whole, within its frame, for what reads it in no order.
class FramedCanvas {
 public:
  explicit FramedCanvas(const Collage& collage)
      : width_(collage.width),
        height_(collage.height),
        stride_(3 * (collage.width + 2 * frame)),
        rgb_(new uint8_t[static_cast<size_t>(stride_) * static_cast<size_t>(height_ + 2 * frame) +
                         read_at_once]) {
    for (int y = -frame; y < height_ + frame; ++y)
      copy_row(collage, y, -frame, width_ + frame, rgb_.get() + offset(-frame, y));
  }

  int width() const { return width_; }
  int height() const { return height_; }
  int64_t offset(int x, int y) const { return int64_t{y + frame} * stride_ + 3 * (x + frame); }
  const uint8_t* at(int x, int y) const { return rgb_.get() + offset(x, y); }
  int stride() const { return stride_; }

 private:
  int width_, height_, stride_;
  std::unique_ptr<uint8_t[]> rgb_;
};

/// By cofactors, up to a factor, which does not matter to where a point goes.
Matrix inverse(const Matrix& m) {
  return {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
          m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
          m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
}

/// Where each pixel of row `y` reads, in 256ths of a pixel of the source, between the centres of
/// its pixels; of what is far outside, something that is outside too.
LOTSE_WIDE void sources(const Matrix& back, int y, int count, int* xs, int* ys) {
  const double v = y + 0.5;
  for (int i = 0; i < count; ++i) {
    const double u = i + 0.5;
    const double depth = back[6] * u + back[7] * v + back[8];
    const double x = ((back[0] * u + back[1] * v + back[2]) / depth - 0.5) * 256;
    const double z = ((back[3] * u + back[4] * v + back[5]) / depth - 0.5) * 256;
    constexpr double far = 1 << 28;
    // Shifted so that what is rounded towards 0 is rounded down.
    const double cx = x < far ? (x > -far ? x : -far) : far,
                 cy = z < far ? (z > -far ? z : -far) : far;
    xs[i] = static_cast<int>(cx + far) - (1 << 28);
    ys[i] = static_cast<int>(cy + far) - (1 << 28);
  }
}

/// Two pixels beside each other and the two below them, of each pixel of a row.
struct Fours {
  Pixels above, above_right, below, below_right;
};

/// The channel that begins at bit `shift`.
inline uint32_t mix_channel(uint32_t a, uint32_t b, uint32_t c, uint32_t d, int right, int lower,
                            int shift) {
  const int first = static_cast<int>(a >> shift & 255), third = static_cast<int>(c >> shift & 255);
  const int above = (first << 8) + (static_cast<int>(b >> shift & 255) - first) * right;
  const int below = (third << 8) + (static_cast<int>(d >> shift & 255) - third) * right;
  const int mixed = ((above << 8) + (below - above) * lower + 32768) >> 16;
  return static_cast<uint32_t>(mixed) << shift;
}

/// `xs` and `ys` are 256ths.
LOTSE_WIDE void mix_fours(const Fours& fours, const int* xs, const int* ys, size_t count,
                          uint32_t* into) {
  const auto *a = fours.above.data(), *b = fours.above_right.data(), *c = fours.below.data(),
             *d = fours.below_right.data();
  for (size_t i = 0; i < count; ++i) {
    const int right = xs[i] & 255, lower = ys[i] & 255;
    into[i] = mix_channel(a[i], b[i], c[i], d[i], right, lower, 0) |
              mix_channel(a[i], b[i], c[i], d[i], right, lower, 8) |
              mix_channel(a[i], b[i], c[i], d[i], right, lower, 16);
  }
}

}  // namespace

void stretch_rows(const Collage& collage, int side, double zoom, double left, double top,
                  const TakeRow& take) {
  const auto columns = taps(side, collage.width, zoom, left),
             rows = taps(side, collage.height, zoom, top);
  StretchedRows stretched(collage, columns);
  Pixels row(static_cast<size_t>(side));
  for (int y = 0; y < side; ++y) {
    stretched.mix(rows[static_cast<size_t>(y)], row);
    take(y, row);
  }
}

void warp_rows(const Collage& collage, int side, const Matrix& matrix, const TakeRow& take) {
  const FramedCanvas canvas(collage);
  const auto back = inverse(matrix);
  const auto count = static_cast<size_t>(side);
  std::vector<int> xs(count), ys(count);
  Fours fours{Pixels(count), Pixels(count), Pixels(count), Pixels(count)};
  Pixels row(count);
  for (int y = 0; y < side; ++y) {
    sources(back, y, side, xs.data(), ys.data());
    for (size_t i = 0; i < count; ++i) {
      const uint8_t* at = canvas.at(std::clamp(xs[i] >> 8, -frame, canvas.width()),
                                    std::clamp(ys[i] >> 8, -frame, canvas.height()));
      read_two(at, fours.above[i], fours.above_right[i]);
      read_two(at + canvas.stride(), fours.below[i], fours.below_right[i]);
    }
    mix_fours(fours, xs.data(), ys.data(), count, row.data());
    take(y, row);
  }
}

}  // namespace lotse::runner::detect
