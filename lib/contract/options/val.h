#pragma once
#include "contract/options/predict.h"

namespace lotse::contract {

struct ValOptions : EngineOptions {
  std::string data;
  int64_t batch = 16;
  double conf = 0.001;
  double iou = 0.7;
  int64_t max_det = 300;
  std::vector<std::string> at_least;
  std::string not_below;
  std::string metric;  ///< "": the last one of the model's family
  double by = 0;
  bool skip_bad = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    model_field(self, visit);
    visit(
        Field{.name = "data",
              .help =
                  "data set (data.yaml, COCO's JSON, .ndjson, a folder; a classifier's: a folder a "
                  "class in val/) whose part `val` is taken",
              .required = true,
              .file = Field::in},
        self.data);
    gate(self, visit);
    auto of_detectors = of_tasks("detect", "Detectors", visit);
    of_detectors(Field{.name = "conf",
                       .help = "least confidence of a detection that counts for mAP",
                       .minimum = 0,
                       .maximum = 1},
                 self.conf);
    of_detectors(Field{.name = "iou",
                       .help = "overlap above which the weaker box goes (o2m head)",
                       .minimum = 0,
                       .maximum = 1},
                 self.iou);
    of_detectors(Field{.name = "max_det", .help = "most detections a picture", .minimum = 1},
                 self.max_det);
    size_field(self, visit);
    visit(Field{.name = "batch", .help = "pictures taken together", .minimum = 1}, self.batch);
    visit(fresh_seed_field(), self.seed);
    visit(Field{.name = "skip_bad",
                .help = "go on without bad label rows and pictures that cannot be read"},
          self.skip_bad);
    how_fields(self, visit);
  }

 private:
  /// What decides whether the model is good enough.
  template <class Self, class Visit>
  static void gate(Self& self, Visit&& visit) {
    constexpr auto group = "Is it good enough? (exit code 1 if not)";
    visit(Field{.name = "at_least",
                .help = "METRIC=X such as map50_95=0.45: the model must reach it; repeatable",
                .group = group},
          self.at_least);
    visit(Field{.name = "not_below",
                .help = "the model must not be worse than this one, measured in the same run",
                .group = group,
                .file = Field::in},
          self.not_below);
    visit(Field{.name = "metric",
                .help = "what the two are compared by; default: what training calls best by",
                .group = group},
          self.metric);
    visit(Field{.name = "by",
                .help = "how much worse it may be all the same",
                .minimum = 0,
                .group = group},
          self.by);
  }
};

}  // namespace lotse::contract
