#pragma once
#include "runner/task/family.h"

namespace lotse::runner::detect {

/// YOLO26, YOLO11 and YOLOv8 detectors.
class DetectFamily : public task::Family {
 public:
  std::string task() const override { return "detect"; }
  std::vector<std::string> names() const override;
  bool takes(const task::Source& source) const override;
  std::unique_ptr<task::Learner> make_learner(const contract::TrainOptions& options,
                                              const task::Place& place) const override;
  std::unique_ptr<task::Model> load(task::Source source,
                                    const contract::EngineOptions& options) const override;
  std::vector<std::string> metrics() const override;
  std::unique_ptr<task::Evaluator> make_evaluator(const contract::ValOptions& options,
                                                  const task::Place& place) const override;
  /// POST /v1/detect, and rows of boxes for tensors.
  std::unique_ptr<task::Service> make_service(std::unique_ptr<task::Model> model,
                                              const contract::ServeOptions& options) const override;
  std::unique_ptr<task::PicturePredictor> make_predictor(
      task::Model& model, const contract::InferOptions& options) const override;
  task::Description inspect(task::Source source, uint64_t seed) const override;
};

}  // namespace lotse::runner::detect
