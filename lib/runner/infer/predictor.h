#pragma once
#include <vector>

#include "runner/image/codec.h"
#include "runner/image/letterbox.h"
#include "runner/infer/engine.h"

namespace lotse::runner::infer {

/// The one way from pictures to boxes; `infer` and `serve` share it, so that they agree.
class Predictor {
 public:
  Predictor(Engine& engine, Selection selection)
      : engine_(engine), selection_(std::move(selection)) {}

  /// How a picture is laid on the canvas: cut to a rectangle, square for an exported model.
  image::Letterbox plan(const image::Image& image) const;

  /// The detections of each picture in its own pixels. Pictures with the same canvas in a row go
  /// through the network together.
  std::vector<std::vector<Detection>> predict(const std::vector<const image::Image*>& images);

  /// Predicts on a grey picture, twice, so that the first real prediction does not pay first-call
  /// costs.
  void warm_up();

 private:
  void predict_alike(const std::vector<const image::Image*>& images,
                     const std::vector<image::Letterbox>& plans,
                     std::vector<std::vector<Detection>>& into);

  Engine& engine_;
  Selection selection_;
};

}  // namespace lotse::runner::infer
