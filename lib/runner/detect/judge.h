#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runner/detect/confusion.h"
#include "runner/detect/metrics.h"
#include "runner/detect/model.h"
#include "runner/detect/operating_point.h"
#include "runner/detect/pictures.h"

namespace lotse::runner::detect {

/// How good a detector is on a set of pictures.
struct Judgement {
  Precision field, coco;  ///< as Ultralytics and as pycocotools take the area
  OperatingPoint point;
  std::vector<int64_t> objects;                 ///< by class
  std::vector<std::vector<int64_t>> confusion;  ///< confusion.h
  int64_t pictures = 0;
  double predict_ms = 0;  ///< a picture: through the network and to boxes
  double other_ms = 0;    ///< a picture: waiting for it, and comparing
};

/// Names and values, the one that counts where nobody says otherwise last: map50, map75,
/// precision, recall, coco_map50, coco_map50_95, map50_95.
std::vector<std::pair<std::string, double>> metrics_of(const Judgement& judgement);

/// Every picture goes through the model once, `batch` at a time; weights get canvases that fit, an
/// exported model its squares. `progress` counts pictures. Throws Error(interrupted) on a signal.
Judgement judge(DetectModel& model, const Pictures& pictures, int64_t batch,
                const Selection& selection, int64_t threads,
                const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
