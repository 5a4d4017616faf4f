#include "runner/serve/tensors.h"

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::serve {

using base::Error;
using base::ErrorKind;
using nlohmann::json;

namespace {

constexpr int deepest = 32;
constexpr int64_t most_images = 64;
constexpr int64_t longest_side = 8192;

[[noreturn]] void wrong(const std::string& message) {
  throw Error(ErrorKind::invalid, message);
}

json parse(const std::string& body) {
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t, json&) {
    if (depth > deepest) {
      too_deep = true;
      throw std::length_error("too deep");
    }
    return true;
  };
  try {
    auto document = json::parse(body, watch);
    if (!document.is_object()) wrong("the body is not a JSON object");
    return document;
  } catch (const std::length_error&) {
    wrong(base::cat("the body is nested deeper than ", deepest, " levels"));
  } catch (const json::exception& error) {
    wrong(std::string("the body is not JSON: ") + error.what());
  }
}

std::vector<int64_t> shape_of(const json& input, int64_t side) {
  std::vector<int64_t> shape;
  const auto found = input.find("shape");
  if (found == input.end() || !found->is_array()) wrong("the input has no 'shape'");
  for (const auto& size : *found) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > longest_side)
      wrong("'shape' holds " + size.dump() + ", which is no size");
    shape.push_back(size.get<int64_t>());
  }
  const bool right = shape.size() == 4 && shape[0] >= 1 && shape[0] <= most_images &&
                     shape[1] == 3 && shape[2] >= 32 && shape[3] >= 32 && shape[2] % 32 == 0 &&
                     shape[3] % 32 == 0;
  if (!right)
    wrong(base::cat("'shape' is ", found->dump(), ", not [N, 3, H, W] with N up to ", most_images,
                    " and H and W multiples of 32"));
  if (side > 0 && (shape[2] != side || shape[3] != side))
    wrong(base::cat("'shape' is ", found->dump(), "; this model takes [N, 3, ", side, ", ", side,
                    "]"));
  return shape;
}

/// Flat or nested, in row-major order.
void read_numbers(const json& data, float*& into, const float* end) {
  for (const auto& item : data) {
    if (item.is_array()) {
      read_numbers(item, into, end);
    } else if (!item.is_number()) {
      wrong("'data' holds " + item.dump() + ", which is no number");
    } else if (into == end) {
      wrong("'data' holds more numbers than 'shape' says");
    } else {
      *into++ = item.get<float>();
    }
  }
}

torch::Tensor read_tensor(const json& input, int64_t side) {
  if (!input.is_object() || input.value("name", json()) != "images")
    wrong("the input is not named 'images'");
  if (input.value("datatype", json()) != "FP32") wrong("the input's 'datatype' is not FP32");
  const auto shape = shape_of(input, side);
  const auto data = input.find("data");
  if (data == input.end() || !data->is_array()) wrong("the input has no 'data'");
  int64_t count = 1;
  for (const auto size : shape) count *= size;
  // Nested data has at least one bracket a row, so the flat count bounds what the body can hold.
  auto tensor = torch::empty(shape);
  float* into = tensor.data_ptr<float>();
  const float* end = into + count;
  read_numbers(*data, into, end);
  if (into != end)
    wrong(base::cat("'data' holds ", count - (end - into), " numbers, 'shape' says ", count));
  return tensor;
}

}  // namespace

InferRequest parse_infer_request(const std::string& body, int64_t side) {
  const auto document = parse(body);
  const auto inputs = document.find("inputs");
  if (inputs == document.end() || !inputs->is_array() || inputs->size() != 1)
    wrong("'inputs' must hold one tensor, 'images'");
  InferRequest request;
  if (const auto id = document.find("id"); id != document.end()) {
    if (!id->is_string()) wrong("'id' is not a string");
    request.id = id->get<std::string>();
  }
  request.images = read_tensor((*inputs)[0], side);
  return request;
}

json tensor_to_json(const std::string& name, const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kFloat).cpu().contiguous();
  auto data = json::array();
  for (int64_t i = 0; i < values.numel(); ++i) data.push_back(values.data_ptr<float>()[i]);
  return {{"name", name},
          {"datatype", "FP32"},
          {"shape", std::vector<int64_t>(values.sizes().begin(), values.sizes().end())},
          {"data", std::move(data)}};
}

}  // namespace lotse::runner::serve
