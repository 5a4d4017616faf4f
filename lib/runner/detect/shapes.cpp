#include "runner/detect/shapes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "runner/task/random.h"

namespace lotse::runner::detect {

using task::Random;

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double least_size = 0.06, most_size = 0.50, least_visible = 0.6;  // parts of the side
constexpr double least_pixels = 16;  // two cells of the detectors' finest grid
constexpr int samples = 4;           // a side of the grid of samples in a pixel

struct Point {
  double x = 0, y = 0;
};

using Colour = std::array<double, 3>;

/// Taylor's series: the C library's sine differs by a bit between machines.
double sine(double x) {
  while (x > pi) x -= 2 * pi;
  while (x < -pi) x += 2 * pi;
  double term = x, sum = x;
  for (int n = 1; n < 14; ++n) {
    term *= -x * x / ((2.0 * n) * (2.0 * n + 1));
    sum += term;
  }
  return sum;
}

Point turn(double radius, double angle) {
  return {radius * sine(angle + pi / 2), radius * sine(angle)};
}

/// A regular polygon or star with `corners` outer corners around the origin.
std::vector<Point> outline(int64_t shape, double angle) {
  std::vector<Point> points;
  if (shape == 1 || shape == 2) {
    const int corners = shape == 1 ? 4 : 3;
    for (int i = 0; i < corners; ++i) points.push_back(turn(1, angle + 2 * pi * i / corners));
  } else if (shape == 3) {
    for (int i = 0; i < 10; ++i) points.push_back(turn(i % 2 == 0 ? 1 : 0.42, angle + pi * i / 5));
  }
  return points;
}

/// One object with its longer side `size` and the upper left corner of its box at the origin.
struct Shape {
  int64_t kind = 0;
  std::vector<Point> points;  // empty: a circle
  double width = 0, height = 0;

  Shape(int64_t what, double size, double angle) : kind(what), points(outline(what, angle)) {
    if (points.empty()) {
      width = height = size;
      return;
    }
    Point low = points[0], high = points[0];
    for (const auto& p : points) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const double factor = size / std::max(high.x - low.x, high.y - low.y);
    for (auto& p : points) p = {(p.x - low.x) * factor, (p.y - low.y) * factor};
    width = (high.x - low.x) * factor;
    height = (high.y - low.y) * factor;
  }

  bool holds(double x, double y) const {
    if (points.empty()) {
      const double r = width / 2;
      return (x - r) * (x - r) + (y - r) * (y - r) <= r * r;
    }
    bool inside = false;
    for (size_t i = 0, j = points.size() - 1; i < points.size(); j = i++) {
      const Point &a = points[i], &b = points[j];
      if ((a.y > y) != (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
        inside = !inside;
    }
    return inside;
  }
};

/// Which part of each pixel a shape covers, within its box.
struct Coverage {
  int left = 0, top = 0, width = 0, height = 0;
  std::vector<double> parts;
  double total = 0;
};

Coverage cover(const Shape& shape, double x, double y) {
  Coverage result;
  result.left = static_cast<int>(std::floor(x));
  result.top = static_cast<int>(std::floor(y));
  result.width = static_cast<int>(std::ceil(x + shape.width)) - result.left;
  result.height = static_cast<int>(std::ceil(y + shape.height)) - result.top;
  for (int row = 0; row < result.height; ++row) {
    for (int column = 0; column < result.width; ++column) {
      int hits = 0;
      for (int s = 0; s < samples * samples; ++s) {
        const int across = s % samples, down = s / samples;
        const double sx = result.left + column + (across + 0.5) / samples - x;
        const double sy = result.top + row + (down + 0.5) / samples - y;
        hits += shape.holds(sx, sy) ? 1 : 0;
      }
      result.parts.push_back(static_cast<double>(hits) / (samples * samples));
      result.total += result.parts.back();
    }
  }
  return result;
}

/// A picture in the making: what is drawn, and how much of each object can be seen.
class Canvas {
 public:
  Canvas(int side, Random& random) : side_(side), owner_(static_cast<size_t>(side) * side, -1) {
    image_ = media::blank(side, side, 0);
    paint_background(random);
  }

  /// Puts the object on top, unless it would hide most of another one.
  bool place(const Coverage& coverage, const Colour& colour, double shade) {
    auto visible = visible_;
    each_pixel(coverage, [&](size_t pixel, double part, int, int) {
      if (owner_[pixel] >= 0) visible[static_cast<size_t>(owner_[pixel])] -= part;
    });
    for (size_t i = 0; i < visible.size(); ++i)
      if (visible[i] < least_visible * areas_[i]) return false;
    visible_ = std::move(visible);
    visible_.push_back(coverage.total);
    areas_.push_back(coverage.total);
    each_pixel(coverage, [&](size_t pixel, double part, int row, int) {
      if (part >= 0.5) owner_[pixel] = static_cast<int>(areas_.size()) - 1;
      const double light = 1 + shade * (static_cast<double>(row) / coverage.height - 0.5);
      for (size_t c = 0; c < 3; ++c) blend(pixel * 3 + c, colour[c] * light, part);
    });
    return true;
  }

  Colour mean_under(const Coverage& coverage) const {
    Colour sum = {};
    each_pixel(coverage, [&](size_t pixel, double part, int, int) {
      for (size_t c = 0; c < 3; ++c) sum[c] += part * image_.rgb[pixel * 3 + c];
    });
    for (double& value : sum) value /= std::max(coverage.total, 1.0);
    return sum;
  }

  void add_noise(Random& random, double amount) {
    for (auto& value : image_.rgb) {
      const double noisy = value + random.uniform(-amount, amount);
      value = static_cast<uint8_t>(std::clamp(noisy + 0.5, 0.0, 255.0));
    }
  }

  media::Image take() { return std::move(image_); }

 private:
  template <class Visit>
  void each_pixel(const Coverage& coverage, Visit&& visit) const {
    size_t i = 0;
    for (int row = 0; row < coverage.height; ++row) {
      for (int column = 0; column < coverage.width; ++column, ++i) {
        const int x = coverage.left + column, y = coverage.top + row;
        if (coverage.parts[i] > 0 && x >= 0 && y >= 0 && x < side_ && y < side_)
          visit(static_cast<size_t>(y) * side_ + x, coverage.parts[i], row, column);
      }
    }
  }

  void blend(size_t at, double value, double part) {
    const double mixed = image_.rgb[at] * (1 - part) + std::clamp(value, 0.0, 255.0) * part;
    image_.rgb[at] = static_cast<uint8_t>(mixed + 0.5);
  }

  /// Value noise in two scales between two colours, or stripes.
  void paint_background(Random& random) {
    Colour a, b;
    for (double& value : a) value = random.uniform(20, 235);
    for (size_t c = 0; c < 3; ++c) b[c] = std::clamp(a[c] + random.uniform(-70, 70), 0.0, 255.0);
    const bool stripes = random.chance(0.3);
    const double angle = random.uniform(0, 2 * pi), period = random.uniform(0.05, 0.25) * side_;
    const Point along = turn(2 * pi / period, angle);
    const auto coarse = grid(random, 5), fine = grid(random, 17);
    for (int y = 0; y < side_; ++y) {
      for (int x = 0; x < side_; ++x) {
        double t = 0.7 * at(coarse, 5, x, y) + 0.3 * at(fine, 17, x, y);
        if (stripes) t = 0.5 * t + 0.25 * (1 + sine(reduce(along.x * x + along.y * y)));
        for (size_t c = 0; c < 3; ++c)
          image_.rgb[(static_cast<size_t>(y) * side_ + x) * 3 + c] =
              static_cast<uint8_t>(a[c] + (b[c] - a[c]) * t + 0.5);
      }
    }
  }

  static double reduce(double x) { return x - 2 * pi * std::floor(x / (2 * pi)); }

  static std::vector<double> grid(Random& random, int cells) {
    std::vector<double> values(static_cast<size_t>(cells + 1) * (cells + 1));
    for (double& value : values) value = random.uniform();
    return values;
  }

  /// Bilinear between the grid's values.
  double at(const std::vector<double>& values, int cells, int x, int y) const {
    const double gx = static_cast<double>(x) * cells / side_,
                 gy = static_cast<double>(y) * cells / side_;
    const int left = static_cast<int>(gx), top = static_cast<int>(gy);
    const double fx = gx - left, fy = gy - top;
    const auto value = [&](int row, int column) {
      return values[static_cast<size_t>(row) * (cells + 1) + column];
    };
    return (value(top, left) * (1 - fx) + value(top, left + 1) * fx) * (1 - fy) +
           (value(top + 1, left) * (1 - fx) + value(top + 1, left + 1) * fx) * fy;
  }

  int side_;
  media::Image image_;
  std::vector<int> owner_;
  std::vector<double> areas_, visible_;
};

/// A colour that stands out from what lies under the object.
Colour contrasting(Random& random, const Colour& under) {
  Colour colour = {};
  for (int attempt = 0; attempt < 50; ++attempt) {
    double distance = 0;
    for (size_t c = 0; c < 3; ++c) {
      colour[c] = random.uniform(0, 255);
      distance += std::abs(colour[c] - under[c]);
    }
    if (distance > 150) break;
  }
  return colour;
}

/// Up to `wanted` objects whose sizes are parts of the side.
ShapesPicture draw_objects(Canvas& canvas, int side, int64_t wanted, double least, double most,
                           Random& random) {
  ShapesPicture picture;
  for (int attempt = 0; attempt < 100 && static_cast<int64_t>(picture.boxes.size()) < wanted;
       ++attempt) {
    const auto kind = random.below(static_cast<int64_t>(shape_names().size()));
    const double size = random.uniform(least, most) * side;
    const Shape shape(kind, size, random.uniform(0, 2 * pi));
    const double x = random.uniform(0, side - shape.width),
                 y = random.uniform(0, side - shape.height);
    const auto coverage = cover(shape, x, y);
    const auto colour = contrasting(random, canvas.mean_under(coverage));
    if (canvas.place(coverage, colour, random.uniform(-0.5, 0.5)))
      picture.boxes.push_back({kind, x, y, x + shape.width, y + shape.height});
  }
  canvas.add_noise(random, random.uniform(0, 10));
  picture.image = canvas.take();
  return picture;
}

}  // namespace

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> names = {"circle", "square", "triangle", "star"};
  return names;
}

ShapesPicture draw_shapes(uint64_t seed, uint64_t stream, uint64_t index, int side) {
  Random random({0x5348415045, seed, stream, index});
  Canvas canvas(side, random);
  const int64_t wanted = 1 + random.below(8);
  const double least = std::min(std::max(least_size, least_pixels / side), most_size);
  return draw_objects(canvas, side, wanted, least, most_size, random);
}

ShapesPicture draw_shape(uint64_t seed, uint64_t stream, uint64_t index, int side) {
  Random random({0x5348415046, seed, stream, index});
  Canvas canvas(side, random);
  return draw_objects(canvas, side, 1, 0.3, 0.7, random);
}

}  // namespace lotse::runner::detect
