#pragma once
#include <memory>
#include <vector>

#include "runner/detect/detector.h"
#include "runner/nn/blocks.h"

namespace lotse::runner::detect {

/// The head: for each level one branch for boxes and one for classes, twice if end to end.
class Detect : public torch::nn::Module {
 public:
  Detect(const nn::Architecture& architecture, int64_t classes, const std::vector<int64_t>& in,
         torch::Device device);

  HeadOutputs forward(const std::vector<torch::Tensor>& features, bool one_to_one);
  bool has(bool one_to_one) const { return !(one_to_one ? o2o_ : o2m_).boxes.empty(); }
  void drop(bool one_to_one);
  /// Sets the biases of the last convolutions, which depend on the stride.
  void initialize_biases(const std::vector<int64_t>& strides);

 private:
  /// A branch for each level; the members' names are "cv2" (boxes) and "cv3" (classes).
  struct Branches {
    std::vector<std::shared_ptr<nn::Chain>> boxes, scores;
  };
  Branches make(const nn::Architecture& architecture, const std::vector<int64_t>& in,
                const std::string& prefix, torch::Device device);

  int64_t classes_;
  Branches o2m_, o2o_;
};

}  // namespace lotse::runner::detect
