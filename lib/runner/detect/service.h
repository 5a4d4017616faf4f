#pragma once
#include <memory>
#include <vector>

#include "runner/detect/predictor.h"

namespace lotse::runner::detect {

/// A detector as a server offers it: a picture's boxes, and rows of boxes for tensors.
class BoxService : public task::Service {
 public:
  BoxService(std::unique_ptr<task::Model> model, const Selection& selection);

  /// N x 300 x 6: x1 y1 x2 y2 score class, strongest first, zeros behind.
  task::Signature signature() const override;
  task::Tensors answer(const task::Tensors& inputs) override;
  std::vector<task::Route> routes() override;

 private:
  DetectModel& detector_;
  Selection selection_;
  BoxPredictor predictor_;
};

/// What the options of `infer` and `serve` say of it.
Selection selection_of(const contract::DetectOptions& options);

}  // namespace lotse::runner::detect
