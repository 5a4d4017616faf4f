#include "runner/serve/tensors.h"

#include <type_traits>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::serve {

using base::Error;
using base::ErrorKind;
using nlohmann::json;
using task::TensorSpec;

namespace {

constexpr int deepest = 32;
constexpr int64_t most_examples = 64;
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

/// "[N, 3, H, W] with N up to 64 and H and W multiples of 32"
std::string wanted_shape(const TensorSpec& spec) {
  auto text =
      base::cat(task::shape_text(spec), " with ", spec.axes.substr(0, 1), " up to ", most_examples);
  std::vector<std::string> free;
  for (size_t i = 1; i < spec.shape.size(); ++i)
    if (spec.shape[i] < 0) free.push_back(spec.axes.substr(i, 1));
  if (spec.step > 1 && !free.empty())
    text += base::cat(" and ", base::join(free, " and "), " multiples of ", spec.step);
  return text;
}

bool shape_fits(const std::vector<int64_t>& shape, const TensorSpec& spec) {
  if (shape.size() != spec.shape.size() || shape[0] < 1 || shape[0] > most_examples) return false;
  for (size_t i = 1; i < shape.size(); ++i) {
    const bool free = spec.shape[i] < 0;
    if (free ? shape[i] < spec.step || shape[i] % spec.step != 0 : shape[i] != spec.shape[i])
      return false;
  }
  return true;
}

std::vector<int64_t> shape_of(const json& input, const TensorSpec& spec) {
  std::vector<int64_t> shape;
  const auto found = input.find("shape");
  if (found == input.end() || !found->is_array()) wrong("the input has no 'shape'");
  for (const auto& size : *found) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > longest_side)
      wrong("'shape' holds " + size.dump() + ", which is no size");
    shape.push_back(size.get<int64_t>());
  }
  if (!shape_fits(shape, spec))
    wrong(base::cat("'shape' is ", found->dump(), ", not ", wanted_shape(spec)));
  return shape;
}

/// Flat or nested, in row-major order.
template <class Value>
void read_numbers(const json& data, Value*& into, const Value* end) {
  constexpr bool whole = std::is_integral_v<Value>;
  for (const auto& item : data) {
    if (item.is_array()) {
      read_numbers(item, into, end);
    } else if (whole ? !item.is_number_integer() : !item.is_number()) {
      wrong("'data' holds " + item.dump() + ", which is no " + (whole ? "whole number" : "number"));
    } else if (into == end) {
      wrong("'data' holds more numbers than 'shape' says");
    } else {
      *into++ = item.get<Value>();
    }
  }
}

template <class Value>
void fill_with(torch::Tensor& tensor, const json& data) {
  auto* into = tensor.data_ptr<Value>();
  const auto* end = into + tensor.numel();
  read_numbers<Value>(data, into, end);
  if (into != end)
    wrong(base::cat("'data' holds ", tensor.numel() - (end - into), " numbers, 'shape' says ",
                    tensor.numel()));
}

torch::Tensor read_tensor(const json& input, const TensorSpec& spec) {
  const std::string type = task::type_name(spec.type);
  if (input.value("datatype", json()) != type) wrong("the input's 'datatype' is not " + type);
  const auto shape = shape_of(input, spec);
  const auto data = input.find("data");
  if (data == input.end() || !data->is_array()) wrong("the input has no 'data'");
  // Nested data has at least one bracket a row, so the flat count bounds what the body can hold.
  auto tensor = torch::empty(shape, spec.type);
  if (spec.type == torch::kLong)
    fill_with<int64_t>(tensor, *data);
  else
    fill_with<float>(tensor, *data);
  return tensor;
}

/// "one tensor, 'images'", "2 tensors, 'user', 'items'"
std::string wanted_inputs(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back("'" + spec.name + "'");
  return base::cat(specs.size() == 1 ? "one tensor" : base::cat(specs.size(), " tensors"), ", ",
                   base::join(names, ", "));
}

const json& input_named(const json& inputs, const TensorSpec& spec) {
  for (const auto& input : inputs)
    if (input.is_object() && input.value("name", json()) == spec.name) return input;
  wrong(base::cat(inputs.size() == 1 ? "the input is not" : "none of the inputs is", " named '",
                  spec.name, "'"));
}

}  // namespace

InferRequest parse_infer_request(const std::string& body, const std::vector<TensorSpec>& specs) {
  const auto document = parse(body);
  const auto inputs = document.find("inputs");
  if (inputs == document.end() || !inputs->is_array() || inputs->size() != specs.size())
    wrong("'inputs' must hold " + wanted_inputs(specs));
  InferRequest request;
  if (const auto id = document.find("id"); id != document.end()) {
    if (!id->is_string()) wrong("'id' is not a string");
    request.id = id->get<std::string>();
  }
  for (const auto& spec : specs)
    request.inputs.push_back(read_tensor(input_named(*inputs, spec), spec));
  for (const auto& input : request.inputs)
    if (input.size(0) != request.inputs[0].size(0))
      wrong("the inputs are not for the same number of examples");
  return request;
}

json tensor_to_json(const std::string& name, const torch::Tensor& tensor) {
  const auto values = tensor.cpu().contiguous();
  auto data = json::array();
  const auto add = [&](const auto* from) {
    for (int64_t i = 0; i < values.numel(); ++i) data.push_back(from[i]);
  };
  if (values.scalar_type() == torch::kLong)
    add(values.data_ptr<int64_t>());
  else
    add(values.data_ptr<float>());
  return {{"name", name},
          {"datatype", task::type_name(values.scalar_type())},
          {"shape", values.sizes().vec()},
          {"data", std::move(data)}};
}

}  // namespace lotse::runner::serve
