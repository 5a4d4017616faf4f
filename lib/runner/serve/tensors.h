#pragma once
#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <string>

namespace lotse::runner::serve {

/// The body of a POST /v2/models/NAME/infer: its id and its one input.
struct InferRequest {
  std::string id;
  torch::Tensor images;  ///< N x 3 x H x W, fp32
};

/// Reads the JSON tensors of the Open Inference Protocol v2: one FP32 input "images", its data flat
/// or nested in row-major order. `side` > 0: H and W must be that; else multiples of 32. Throws
/// Error(invalid) saying what is wrong; deep nesting is refused before it costs anything.
InferRequest parse_infer_request(const std::string& body, int64_t side);

/// A tensor as the protocol writes it: {"name", "datatype": "FP32", "shape", "data"}.
nlohmann::json tensor_to_json(const std::string& name, const torch::Tensor& tensor);

}  // namespace lotse::runner::serve
