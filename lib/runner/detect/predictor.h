#pragma once
#include <vector>

#include "runner/detect/model.h"
#include "runner/media/letterbox.h"
#include "runner/task/pictures.h"

namespace lotse::runner::detect {

/// From pictures to boxes in their own pixels.
class BoxPredictor : public task::PicturePredictor {
 public:
  /// `model` must outlive it.
  BoxPredictor(DetectModel& model, Selection selection)
      : model_(model), selection_(std::move(selection)) {}

  std::string results() const override { return "detections"; }
  std::pair<int, int> canvas(const media::Image& picture) const override;
  std::vector<task::PictureResult> predict(
      const std::vector<const media::Image*>& pictures) override;

  /// The detections of each picture. Pictures with the same canvas in a row go through the network
  /// together.
  std::vector<std::vector<Detection>> detect(const std::vector<const media::Image*>& pictures);

 private:
  /// How a picture is laid on the canvas: cut to a rectangle, square for an exported model.
  media::Letterbox plan(const media::Image& picture) const;
  void detect_alike(const std::vector<const media::Image*>& pictures,
                    const std::vector<media::Letterbox>& plans,
                    std::vector<std::vector<Detection>>& into);

  DetectModel& model_;
  Selection selection_;
};

}  // namespace lotse::runner::detect
