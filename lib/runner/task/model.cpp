#include "runner/task/model.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::runner::task {

using base::cat;
using nlohmann::json;
using torch::Tensor;

namespace {

/// "FP32 of shape [1, 300, 6]"
std::string told(const Tensor& tensor) {
  return cat("it is ", tensor.scalar_type(), " of shape ", tensor.sizes());
}

json to_json(const std::vector<TensorSpec>& specs) {
  auto list = json::array();
  for (const auto& one : specs) {
    list.push_back({{"name", one.name}, {"datatype", type_name(one.type)}, {"shape", one.shape}});
    if (!one.about.empty()) list.back()["about"] = one.about;
  }
  return list;
}

constexpr auto format_name = "lotse torchscript 1";

}  // namespace

Model::Model(std::unique_ptr<Network> network, ModelInfo info)
    : network_(std::move(network)), info_(std::move(info)) {}

Model::~Model() = default;

Tensors Model::forward(const Tensors& inputs) {
  const int64_t examples = inputs.at(0).size(0);
  const int64_t batch = info_.batch > 0 ? info_.batch : examples;
  if (batch == examples) return call(inputs, examples);
  std::vector<Tensors> parts(signature().outputs.size());
  for (int64_t at = 0; at < examples; at += batch) {
    Tensors some;
    for (const auto& input : inputs) some.push_back(input.slice(0, at, at + batch));
    const auto outputs = call(some, std::min(batch, examples - at));
    for (size_t i = 0; i < parts.size(); ++i) parts[i].push_back(outputs[i]);
  }
  Tensors whole;
  for (const auto& part : parts) whole.push_back(part.size() == 1 ? part[0] : torch::cat(part));
  return whole;
}

Tensors Model::call(const Tensors& inputs, int64_t examples) {
  Tensors full;
  const int64_t missing = std::max<int64_t>(info_.batch - examples, 0);
  for (const auto& input : inputs) {
    auto shape = input.sizes().vec();
    shape[0] = missing;
    full.push_back(missing > 0 ? torch::cat({input, input.new_zeros(shape)}) : input);
  }
  auto outputs = network_->forward(full);
  const auto expected = signature().outputs.size();
  if (outputs.size() != expected)
    throw OutputError(cat("there are ", outputs.size(), " tensors, not ", expected));
  for (auto& output : outputs) {
    if (output.dim() == 0 || output.size(0) != examples + missing) throw OutputError(told(output));
    output = output.slice(0, 0, examples).cpu();
  }
  return outputs;
}

void check_outputs(const Tensors& outputs, const Signature& signature, int64_t examples) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto& output = outputs[i];
    const auto& spec = signature.outputs.at(i);
    if (!fits(output, spec, examples)) throw OutputError(spec.name + ": " + told(output));
    if (output.is_floating_point() && !torch::isfinite(output).all().item<bool>())
      throw OutputError(spec.name + " holds values that are not finite");
  }
}

json to_metadata(const ModelInfo& info, const Signature& signature) {
  json document = {{"format", format_name},
                   {"task", info.task},
                   {"architecture", info.architecture},
                   {"precision", info.precision},
                   {"batch", info.batch},
                   {"inputs", to_json(signature.inputs)},
                   {"outputs", to_json(signature.outputs)}};
  for (const auto& [name, value] : info.traits) document[name] = value;
  document.update(info.about);
  return document;
}

}  // namespace lotse::runner::task
