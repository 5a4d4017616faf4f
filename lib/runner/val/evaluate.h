#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runner/detect/confusion.h"
#include "runner/detect/metrics.h"
#include "runner/detect/operating_point.h"
#include "runner/detect/pictures.h"
#include "runner/infer/engine.h"

namespace lotse::runner::val {

/// How good a model is on a set of pictures.
struct Evaluation {
  detect::Precision field, coco;  ///< as Ultralytics and as pycocotools take the area
  detect::OperatingPoint point;
  std::vector<int64_t> objects;                 ///< by class
  std::vector<std::vector<int64_t>> confusion;  ///< detect/confusion.h
  int64_t pictures = 0;
  double predict_ms = 0;  ///< a picture: through the network and to boxes
  double other_ms = 0;    ///< a picture: waiting for it, and comparing
};

/// Names and values, the one that counts where nobody says otherwise last: map50, map75,
/// precision, recall, coco_map50, coco_map50_95, map50_95.
std::vector<std::pair<std::string, double>> metrics_of(const Evaluation& evaluation);

/// Every picture goes through the engine once, `batch` at a time; weights get canvases that fit, an
/// exported model its squares. `progress` counts pictures. Throws Error(stopped) on a signal.
Evaluation evaluate(infer::Engine& engine, const detect::Pictures& pictures, int64_t batch,
                    const detect::Selection& selection, int64_t threads,
                    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::val
