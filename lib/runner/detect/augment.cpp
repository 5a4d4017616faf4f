#include "runner/detect/augment.h"

#include <algorithm>
#include <vector>

#include "runner/detect/mix.h"
#include "runner/detect/mosaic.h"
#include "runner/detect/warp.h"
#include "runner/media/colours.h"

namespace lotse::runner::detect {

namespace {

using media::Pixels;
using task::Random;

/// All that is drawn for one picture.
struct Draws {
  std::vector<int64_t> partners;  ///< of a mosaic, if there is one
  int centre_x = 0, centre_y = 0;
  Warp warp;
  double hue = 0, saturation = 1, value = 1;
  bool mirrored = false, upside_down = false, bgr = false;
  bool mixup = false, cutmix = false;
  uint64_t mixup_key = 0, cutmix_key = 0;  ///< of what the other picture's are drawn from
};

/// Always the same draws in the same order, newer options' last, so that one setting does not
/// change another's luck.
Draws draw(const Augmentation& settings, int64_t count, int side, Random& random) {
  Draws draws;
  const bool join = random.chance(settings.mosaic);
  if (join) {
    while (draws.partners.size() < 3) draws.partners.push_back(random.below(count));
    draws.centre_x = static_cast<int>(random.uniform(0.5 * side, 1.5 * side));
    draws.centre_y = static_cast<int>(random.uniform(0.5 * side, 1.5 * side));
  }
  const auto either_way = [&](double most) { return random.uniform(-most, most); };
  auto& warp = draws.warp;
  warp.zoom = std::max(random.uniform(1 - settings.scale, 1 + settings.scale), 0.01);
  warp.shift_x = either_way(settings.translate);
  warp.shift_y = either_way(settings.translate);
  draws.hue = either_way(settings.hsv_h);
  draws.saturation = 1 + either_way(settings.hsv_s);
  draws.value = 1 + either_way(settings.hsv_v);
  draws.mirrored = random.chance(settings.fliplr);
  const bool nine = random.chance(settings.mosaic9);
  warp.rotation = either_way(settings.degrees);
  warp.shear_x = either_way(settings.shear);
  warp.shear_y = either_way(settings.shear);
  warp.perspective_x = either_way(settings.perspective);
  warp.perspective_y = either_way(settings.perspective);
  draws.upside_down = random.chance(settings.flipud);
  draws.bgr = random.chance(settings.bgr);
  draws.mixup = random.chance(settings.mixup);
  draws.cutmix = random.chance(settings.cutmix);
  draws.mixup_key = random.next();
  draws.cutmix_key = random.next();
  if (join && nine)
    while (draws.partners.size() < 8) draws.partners.push_back(random.below(count));
  return draws;
}

/// Of Beta(32, 32): the 32nd of 63 uniform numbers in their order.
double mixup_part(Random& random) {
  std::vector<double> numbers(63);
  for (auto& number : numbers) number = random.uniform();
  std::nth_element(numbers.begin(), numbers.begin() + 31, numbers.end());
  return numbers[31];
}

class Augmenter {
 public:
  Augmenter(int64_t count, int side, const Augmentation& settings,
            const std::function<const Sample&(int64_t)>& picture)
      : count_(count), side_(side), settings_(settings), picture_(picture) {}

  Labels whole(int64_t index, Random& random, uint8_t* pixels) const {
    const auto draws = draw(settings_, count_, side_, random);
    const auto finish = [&](int y, Pixels& row) { finish_row(draws, y, row, pixels); };
    auto objects =
        draws.mixup || draws.cutmix ? mixed(index, draws, finish) : placed(index, draws, finish);
    if (draws.upside_down) turn_upside_down(objects, side_);
    if (draws.mirrored) mirror(objects, side_);
    return objects;
  }

 private:
  /// What is done to each row by itself.
  void finish_row(const Draws& draws, int y, Pixels& row, uint8_t* pixels) const {
    if (settings_.hsv_h > 0 || settings_.hsv_s > 0 || settings_.hsv_v > 0)
      media::change_colours(row.data(), row.size(), draws.hue, draws.saturation, draws.value);
    if (draws.mirrored) std::reverse(row.begin(), row.end());
    if (draws.bgr) media::swap_red_and_blue(row.data(), row.size());
    const auto place = static_cast<size_t>(draws.upside_down ? side_ - 1 - y : y);
    media::pack(row.data(), row.size(), pixels + place * row.size() * 3);
  }

  /// On its square, with what is joined to it, before other pictures are mixed in.
  Labels placed(int64_t index, const Draws& draws, const TakeRow& take) const {
    const auto& alone = picture_(index);
    const Collage collage = draws.partners.empty() ? alone : joined(alone, draws);
    if (settings_.copy_paste == 0) return warped_onto(collage, side_, draws.warp, take);
    auto sample = put_together(collage);
    copy_paste(sample, settings_.copy_paste);
    return warped_onto(sample, side_, draws.warp, take);
  }

  Sample placed(int64_t index, const Draws& draws) const {
    return as_sample(side_, [&](const TakeRow& take) { return placed(index, draws, take); });
  }

  Labels mixed(int64_t index, const Draws& draws, const TakeRow& take) const {
    auto sample = placed(index, draws);
    if (draws.mixup) add_mixup(sample, draws.mixup_key);
    if (draws.cutmix) add_cutmix(sample, draws.cutmix_key);
    Pixels row(static_cast<size_t>(side_));
    for (int y = 0; y < side_; ++y) {
      media::unpack(sample.image.at(0, y), row.size(), row.data());
      take(y, row);
    }
    return {std::move(sample.boxes), std::move(sample.outlines)};
  }

  Collage joined(const Sample& first, const Draws& draws) const {
    std::vector<const Sample*> all = {&first};
    for (const auto partner : draws.partners) all.push_back(&picture_(partner));
    return all.size() == 4 ? mosaic(all, side_, draws.centre_x, draws.centre_y)
                           : mosaic_of_nine(all, side_);
  }

  Sample another(Random& random) const {
    const auto index = random.below(count_);
    return placed(index, draw(settings_, count_, side_, random));
  }

  void add_mixup(Sample& onto, uint64_t key) const {
    Random random({key});
    const double part = mixup_part(random);
    mix_up(onto, another(random), part);
  }

  /// Beta(1, 1) is uniform. Three areas are tried.
  void add_cutmix(Sample& onto, uint64_t key) const {
    Random random({key});
    for (int i = 0; i < 3; ++i) {
      const double kept = random.uniform();
      const auto x = static_cast<int>(random.below(side_)),
                 y = static_cast<int>(random.below(side_));
      const auto area = cut_area(side_, side_, x, y, kept);
      if (is_free(area, onto)) return cut_mix(onto, another(random), area);
    }
  }

  int64_t count_;
  int side_;
  const Augmentation& settings_;
  const std::function<const Sample&(int64_t)>& picture_;
};

}  // namespace

Labels augment(int64_t index, int64_t count, int side, const Augmentation& settings, Random& random,
               const std::function<const Sample&(int64_t)>& picture, uint8_t* pixels) {
  return Augmenter(count, side, settings, picture).whole(index, random, pixels);
}

}  // namespace lotse::runner::detect
