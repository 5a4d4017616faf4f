#pragma once
#include <cstdint>
#include <string>

#include "contract/field.h"

/// The options that the family of detectors adds to the modes.
namespace lotse::contract {

/// The tasks of models that look at pictures.
inline constexpr auto picture_tasks = "detect classify";

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
  double flipud = 0;
  double bgr = 0;
  double mosaic9 = 0;
  double mixup = 0;
  double cutmix = 0;
  double copy_paste = 0;
  double degrees = 0;
  double shear = 0;
  double perspective = 0;
  double multi_scale = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    constexpr auto group = "Augmentation";
    visit(Field{.name = "mosaic",
                .help = "probability of joining four images",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.mosaic);
    visit(Field{.name = "mosaic9",
                .help = "part of the mosaics that join nine images",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.mosaic9);
    visit(Field{.name = "mixup",
                .help = "probability of blending with another image",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.mixup);
    visit(Field{.name = "cutmix",
                .help = "probability of putting a piece of another image in",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.cutmix);
    visit(Field{.name = "copy_paste",
                .help = "part of the objects that are pasted mirrored, where there is room; labels "
                        "must have outlines",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.copy_paste);
    visit(Field{.name = "close_mosaic",
                .help = "last epochs without mosaic, mixup, cutmix and copy-paste",
                .minimum = 0,
                .group = group},
          self.close_mosaic);
    visit(Field{.name = "scale",
                .help =
                    "random zoom by up to this part; of a classifier, the most of the area that is "
                    "cut off",
                .minimum = 0,
                .maximum = 1,
                .group = group,
                .tasks = picture_tasks},
          self.scale);
    visit(Field{.name = "translate",
                .help = "random shift by up to this part of the side",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.translate);
    visit(Field{.name = "degrees",
                .help = "random rotation by up to this, either way",
                .minimum = 0,
                .maximum = 180,
                .group = group},
          self.degrees);
    visit(Field{.name = "shear",
                .help = "random shear by up to these degrees",
                .minimum = 0,
                .maximum = 80,
                .group = group},
          self.shear);
    visit(Field{.name = "perspective",
                .help = "random perspective, a change of depth a pixel; 0.0005 is much",
                .minimum = 0,
                .maximum = 0.001,
                .group = group},
          self.perspective);
    visit(Field{.name = "hsv_h",
                .help = "random change of hue, a part of the circle",
                .minimum = 0,
                .maximum = 1,
                .group = group,
                .tasks = picture_tasks},
          self.hsv_h);
    visit(Field{.name = "hsv_s",
                .help = "random change of saturation",
                .minimum = 0,
                .maximum = 1,
                .group = group,
                .tasks = picture_tasks},
          self.hsv_s);
    visit(Field{.name = "hsv_v",
                .help = "random change of brightness",
                .minimum = 0,
                .maximum = 1,
                .group = group,
                .tasks = picture_tasks},
          self.hsv_v);
    visit(Field{.name = "fliplr",
                .help = "probability of a mirror image",
                .minimum = 0,
                .maximum = 1,
                .group = group,
                .tasks = picture_tasks},
          self.fliplr);
    visit(Field{.name = "flipud",
                .help = "probability of turning it upside down",
                .minimum = 0,
                .maximum = 1,
                .group = group,
                .tasks = picture_tasks},
          self.flipud);
    visit(Field{.name = "bgr",
                .help = "probability of exchanging red and blue",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.bgr);
    visit(Field{.name = "multi_scale",
                .help = "image side drawn anew for each batch, by up to this part of --imgsz",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.multi_scale);
  }
};

/// What its mistakes weigh.
struct DetectLossOptions {
  double box = 7.5;
  double cls = 0.5;
  double dfl = 1.5;
  double cls_pw = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    constexpr auto group = "Loss";
    visit(Field{.name = "box", .help = "weight of the boxes' loss", .minimum = 0, .group = group},
          self.box);
    visit(Field{.name = "cls", .help = "weight of the classes' loss", .minimum = 0, .group = group},
          self.cls);
    visit(Field{.name = "dfl",
                .help = "weight of the loss of distances (dfl, or l1 of YOLO26)",
                .minimum = 0,
                .group = group},
          self.dfl);
    visit(Field{.name = "cls_pw",
                .help = "classes weigh by how rare they are, to this power; 0: all alike",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.cls_pw);
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
  return {.name = "head",
          .help = help,
          .choices = {"auto", "o2o", "o2m"},
          .group = "Detectors",
          .tasks = "detect"};
}

}  // namespace lotse::contract
