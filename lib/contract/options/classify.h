#pragma once
#include <string>

#include "contract/field.h"

/// The options that the family of classifiers adds to the modes.
namespace lotse::contract {

/// How training changes its pictures, beside those that detectors have too.
struct ClassifyAugmentOptions {
  std::string auto_augment = "randaugment";
  double erasing = 0.4;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "auto_augment",
                .help = "randaugment: two of fourteen changes of shape and colour, in place of "
                        "--hsv-h, --hsv-s and --hsv-v",
                .choices = {"randaugment", "none"}},
          self.auto_augment);
    visit(Field{.name = "erasing",
                .help = "probability of a black rectangle",
                .minimum = 0,
                .maximum = 1},
          self.erasing);
  }
};

}  // namespace lotse::contract
