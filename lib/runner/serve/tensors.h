#pragma once
#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runner/task/signature.h"

namespace lotse::runner::serve {

/// The body of a POST /v2/models/NAME/infer: its id and its inputs.
struct InferRequest {
  std::string id;
  task::Tensors inputs;  ///< in the signature's order, each for as many examples
};

/// Reads the JSON tensors of the Open Inference Protocol v2: the inputs by name, their data flat or
/// nested in row-major order. Throws Error(invalid) saying what is wrong; deep nesting is refused
/// before it costs anything.
InferRequest parse_infer_request(const std::string& body,
                                 const std::vector<task::TensorSpec>& inputs);

/// A tensor as the protocol writes it: {"name", "datatype", "shape", "data"}.
nlohmann::json tensor_to_json(const std::string& name, const torch::Tensor& tensor);

}  // namespace lotse::runner::serve
