#pragma once
#include <cstdint>
#include <string>

#include "contract/field.h"

/// The options that the family of detectors adds to the modes.
namespace lotse::contract {

/// How training changes its pictures and their boxes.
struct DetectAugmentOptions {
  double mosaic = 1.0;
  int64_t close_mosaic = 10;
  double scale = 0.5;
  double translate = 0.1;
  double hsv_h = 0.015;
  double hsv_s = 0.7;
  double hsv_v = 0.4;
  double fliplr = 0.5;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    constexpr auto group = "Augmentation";
    visit(Field{.name = "mosaic",
                .help = "probability of joining four images",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.mosaic);
    visit(Field{.name = "close_mosaic",
                .help = "last epochs without mosaic",
                .minimum = 0,
                .group = group},
          self.close_mosaic);
    visit(Field{.name = "scale",
                .help = "random zoom by up to this part",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.scale);
    visit(Field{.name = "translate",
                .help = "random shift by up to this part of the side",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.translate);
    visit(Field{.name = "hsv_h",
                .help = "random change of hue, a part of the circle",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.hsv_h);
    visit(Field{.name = "hsv_s",
                .help = "random change of saturation",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.hsv_s);
    visit(Field{.name = "hsv_v",
                .help = "random change of brightness",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.hsv_v);
    visit(Field{.name = "fliplr",
                .help = "probability of a mirror image",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.fliplr);
  }
};

/// Which detections count.
struct DetectOptions {
  double conf = 0.25;
  double iou = 0.7;
  int64_t max_det = 300;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "conf", .help = "least confidence", .minimum = 0, .maximum = 1}, self.conf);
    visit(Field{.name = "iou",
                .help = "overlap above which the weaker box goes (o2m head)",
                .minimum = 0,
                .maximum = 1},
          self.iou);
    visit(Field{.name = "max_det", .help = "most detections a picture", .minimum = 1},
          self.max_det);
  }
};

/// Which of a detector's two heads answers.
inline Field head_field(const char* help) {
  return {.name = "head", .help = help, .choices = {"auto", "o2o", "o2m"}, .tasks = "detect"};
}

}  // namespace lotse::contract
