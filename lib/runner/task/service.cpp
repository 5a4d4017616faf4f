#include "runner/task/service.h"

namespace lotse::runner::task {

Tensors Service::answer(const Tensors& inputs) {
  const torch::InferenceMode inference;
  auto outputs = model_->forward(inputs);
  check_outputs(outputs, signature(), inputs.at(0).size(0));
  return outputs;
}

}  // namespace lotse::runner::task
