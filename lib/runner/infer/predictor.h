#pragma once
#include <vector>

#include "runner/infer/engine.h"
#include "runner/media/codec.h"
#include "runner/media/letterbox.h"

namespace lotse::runner::infer {

/// The one way from pictures to boxes; `infer` and `serve` share it, so that they agree.
class Predictor {
 public:
  Predictor(Engine& engine, detect::Selection selection)
      : engine_(engine), selection_(std::move(selection)) {}

  /// How a picture is laid on the canvas: cut to a rectangle, square for an exported model.
  media::Letterbox plan(const media::Image& image) const;

  /// The detections of each picture in its own pixels. Pictures with the same canvas in a row go
  /// through the network together.
  std::vector<std::vector<detect::Detection>> predict(
      const std::vector<const media::Image*>& images);

  /// Predicts on a grey picture, twice, so that the first real prediction does not pay first-call
  /// costs.
  void warm_up();

 private:
  void predict_alike(const std::vector<const media::Image*>& images,
                     const std::vector<media::Letterbox>& plans,
                     std::vector<std::vector<detect::Detection>>& into);

  Engine& engine_;
  detect::Selection selection_;
};

}  // namespace lotse::runner::infer
