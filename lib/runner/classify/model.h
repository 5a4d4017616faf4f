#pragma once
#include <memory>
#include <string>
#include <vector>

#include "contract/options/predict.h"
#include "runner/task/model.h"
#include "runner/task/source.h"

namespace lotse::runner::classify {

/// The side of the pictures that classifiers are for, where nobody says otherwise.
inline constexpr int64_t standard_side = 224;

/// A classifier that is ready to run: weights (fused, channels-last) or an exported file. It takes
/// images N x 3 x side x side and gives the probabilities of the classes, N x classes.
class ClassifyModel : public task::Model {
 public:
  /// `network` takes fp32, 0 to 1, RGB, and gives fp32 that sums up to 1.
  ClassifyModel(std::unique_ptr<task::Network> network, task::ModelInfo info,
                std::vector<std::string> names, int64_t side);

  const std::vector<std::string>& names() const { return names_; }  ///< of the classes
  int64_t side() const { return side_; }

  task::Signature signature() const override;
  task::Tensors example(int64_t batch, uint64_t seed) const override;

  /// Throws OutputError for what cannot be probabilities. fp32, on the CPU.
  torch::Tensor probabilities(const torch::Tensor& images);

 private:
  std::vector<std::string> names_;
  int64_t side_;
};

/// Throws Error(invalid) for what is no classifier, and for a precision or a size that it cannot
/// have.
std::unique_ptr<ClassifyModel> ready_model(task::Source source,
                                           const contract::EngineOptions& options);

/// Whether a source is a classifier's: by its name, by what a file says of itself, else by the
/// tensors of a head.
bool is_classifier(const task::Source& source);

}  // namespace lotse::runner::classify
