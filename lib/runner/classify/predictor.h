#pragma once
#include <vector>

#include "runner/classify/model.h"
#include "runner/classify/report.h"
#include "runner/task/pictures.h"

namespace lotse::runner::classify {

/// From pictures to the five classes that they most probably show.
class ClassPredictor : public task::PicturePredictor {
 public:
  /// `model` must outlive it.
  explicit ClassPredictor(ClassifyModel& model) : model_(model) {}

  std::string results() const override { return "classes"; }
  std::pair<int, int> canvas(const media::Image& picture) const override;
  std::vector<task::PictureResult> predict(
      const std::vector<const media::Image*>& pictures) override;

 private:
  ClassifyModel& model_;
};

}  // namespace lotse::runner::classify
