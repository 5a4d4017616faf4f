#include "runner/export/torchscript.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/script.h>

#include <algorithm>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::runner::exporting {

using base::Error;
using base::ErrorKind;
using task::Tensors;
using torch::jit::IValue;
using torch::jit::Stack;

namespace {

/// A module that owns the network's tensors, so that the tracer takes them for attributes.
torch::jit::Module holder(task::Network& network) {
  torch::jit::Module module("Model");
  for (const auto& [name, tensor] : network.state())
    module.register_parameter(base::replace_all(name, ".", "_"), tensor, false);
  return module;
}

Stack to_stack(const Tensors& tensors) {
  return Stack(tensors.begin(), tensors.end());
}

/// What a graph gives: one tensor as it is, several as a tuple.
IValue to_output(const Tensors& tensors) {
  if (tensors.size() == 1) return tensors[0];
  return c10::ivalue::Tuple::create(std::vector<IValue>(tensors.begin(), tensors.end()));
}

Tensors from_output(const IValue& output) {
  if (output.isTensor()) return {output.toTensor()};
  Tensors tensors;
  for (const auto& element : output.toTupleRef().elements()) tensors.push_back(element.toTensor());
  return tensors;
}

torch::jit::Module trace(task::Network& network, const Tensors& inputs) {
  auto module = holder(network);
  const auto run = [&](const Stack& stack) -> Stack {
    Tensors given;
    for (const auto& value : stack) given.push_back(value.toTensor());
    return {to_output(network.forward(given))};
  };
  const auto no_names = [](const torch::autograd::Variable&) { return std::string(); };
  const auto traced =
      torch::jit::tracer::trace(to_stack(inputs), run, no_names, true, false, &module);
  const auto graph = traced.first->graph;
  auto* function = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(function);
  module.eval();
  return torch::jit::freeze(module);
}

template <class Alike>
bool pairwise(const Tensors& a, const Tensors& b, const Alike& alike) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), alike);
}

/// On inputs unlike those traced with, so that constants baked in by mistake show. Returns what the
/// network gives for them.
Tensors verify(task::Model& model, torch::jit::Module& module, const Tensors& inputs) {
  const double tolerance = model.info().precision == "fp32" ? 1e-4 : 5e-2;
  const auto same_size = [](const auto& a, const auto& b) { return a.sizes() == b.sizes(); };
  const auto close = [&](const auto& a, const auto& b) {
    return torch::allclose(a, b, tolerance, tolerance);
  };
  auto ours = model.network().forward(inputs);
  const auto theirs = from_output(module.forward(to_stack(inputs)));
  if (!pairwise(ours, theirs, same_size) ||
      !pairwise(model.comparable(ours), model.comparable(theirs), close))
    throw Error(ErrorKind::failed, "the exported graph does not give what the network gives");
  return ours;
}

/// The signature with the sizes that the graph has from now on.
task::Signature fixed(task::Signature signature, const Tensors& inputs, const Tensors& outputs) {
  for (size_t i = 0; i < inputs.size(); ++i) signature.inputs[i].shape = inputs[i].sizes().vec();
  for (size_t i = 0; i < outputs.size(); ++i) signature.outputs[i].shape = outputs[i].sizes().vec();
  return signature;
}

Tensors on_device(const task::Model& model, int64_t batch, uint64_t seed) {
  auto inputs = model.example(batch, seed);
  for (auto& input : inputs) input = input.to(model.info().device);
  return inputs;
}

}  // namespace

void write_torchscript(task::Model& model, int64_t batch, const std::filesystem::path& path) {
  const torch::NoGradGuard no_gradients;
  const auto inputs = on_device(model, batch, 0);
  try {
    auto module = trace(model.network(), inputs);
    const auto outputs = verify(model, module, on_device(model, batch, 1));
    auto info = model.info();
    info.batch = batch;
    const auto signature = fixed(model.signature(), inputs, outputs);
    std::ostringstream archive;
    module.save(archive, {{task::export_metadata, task::to_metadata(info, signature).dump()}});
    base::write_file_atomic(path, archive.str());
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::failed, std::string("cannot export: ") + error.what_without_backtrace());
  }
}

}  // namespace lotse::runner::exporting
