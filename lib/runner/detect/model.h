#pragma once
#include <memory>
#include <string>
#include <vector>

#include "contract/options/predict.h"
#include "runner/detect/output.h"
#include "runner/task/model.h"
#include "runner/task/source.h"

namespace lotse::runner::detect {

/// A detector that is ready to run: weights (fused, channels-last) or an exported file. One form of
/// output for both, so that `infer`, `serve` and `export` cannot disagree.
class DetectModel : public task::Model {
 public:
  struct Parts {
    Heads head = Heads::one_to_one;
    std::vector<std::string> names;  ///< of the classes
    int64_t imgsz = standard_side;
  };
  /// `network` takes images N x 3 x H x W, fp32, 0 to 1, RGB, and gives output_of() them; traits
  /// and `about` of the info come from the parts.
  DetectModel(std::unique_ptr<task::Network> network, task::ModelInfo info, Parts parts);

  const std::vector<std::string>& names() const { return parts_.names; }
  int64_t imgsz() const { return parts_.imgsz; }
  Heads head() const { return parts_.head; }

  task::Signature signature() const override;
  task::Tensors example(int64_t batch, uint64_t seed) const override;
  /// Of sorted rows the scores alone: equal ones may change places.
  task::Tensors comparable(const task::Tensors& outputs) const override;

  /// The detections of each image, in pixels of the canvas. Throws OutputError for outputs that
  /// cannot be detections.
  std::vector<std::vector<Detection>> detect(const torch::Tensor& images,
                                             const Selection& selection);

 private:
  Parts parts_;
};

/// Throws Error(invalid) for what is no detector, and for a head, a precision or a size that it
/// cannot have.
std::unique_ptr<DetectModel> ready_model(task::Source source,
                                         const contract::EngineOptions& options);

}  // namespace lotse::runner::detect
