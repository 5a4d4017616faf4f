#include "runner/task/signature.h"

#include "base/strings.h"

namespace lotse::runner::task {

std::string shape_text(const TensorSpec& spec) {
  std::vector<std::string> sizes;
  for (size_t i = 0; i < spec.shape.size(); ++i)
    sizes.push_back(spec.shape[i] < 0 ? spec.axes.substr(i, 1) : std::to_string(spec.shape[i]));
  return "[" + base::join(sizes, ", ") + "]";
}

const char* type_name(torch::ScalarType type) {
  return type == torch::kLong ? "INT64" : "FP32";
}

bool fits(const torch::Tensor& tensor, const TensorSpec& spec, int64_t examples) {
  if (tensor.scalar_type() != spec.type ||
      tensor.dim() != static_cast<int64_t>(spec.shape.size()) || tensor.size(0) != examples)
    return false;
  for (size_t i = 1; i < spec.shape.size(); ++i) {
    const auto size = tensor.size(static_cast<int64_t>(i));
    if (spec.shape[i] < 0 ? size % spec.step != 0 : size != spec.shape[i]) return false;
  }
  return true;
}

}  // namespace lotse::runner::task
