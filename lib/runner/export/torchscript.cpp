#include "runner/export/torchscript.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/script.h>

#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::runner::exporting {

using base::Error;
using base::ErrorKind;
using torch::Tensor;
using torch::jit::IValue;

namespace {

/// A module that owns the network's tensors, so that the tracer takes them for attributes.
torch::jit::Module holder(const infer::WeightsEngine& engine) {
  torch::jit::Module module("Detector");
  for (const auto& [name, tensor] : engine.state())
    module.register_parameter(base::replace_all(name, ".", "_"), tensor, false);
  return module;
}

torch::jit::Module trace(infer::WeightsEngine& engine, const Tensor& images) {
  auto module = holder(engine);
  const auto run = [&](torch::jit::Stack inputs) -> torch::jit::Stack {
    return {engine.forward(inputs.at(0).toTensor())};
  };
  const auto no_names = [](const torch::autograd::Variable&) { return std::string(); };
  const auto traced = torch::jit::tracer::trace({images}, run, no_names, true, false, &module);
  const auto graph = traced.first->graph;
  auto* function = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), "forward"), graph);
  module.type()->addMethod(function);
  module.eval();
  return torch::jit::freeze(module);
}

/// Pictures unlike the one traced with, so that constants baked in by mistake show.
void verify(infer::WeightsEngine& engine, torch::jit::Module& module, const Tensor& like) {
  torch::manual_seed(1);
  const auto images = torch::rand_like(like);
  const auto ours = engine.forward(images);
  const auto theirs = module.forward({images}).toTensor();
  const bool same_size = ours.sizes() == theirs.sizes();
  // Scores alone where rows are sorted: equal scores may change places.
  const bool rows = engine.info().head == "o2o";
  const auto a = rows ? ours.select(2, 4) : ours;
  const auto b = rows && same_size ? theirs.select(2, 4) : theirs;
  const double tolerance = engine.info().precision == "fp32" ? 1e-4 : 5e-2;
  if (!same_size || !torch::allclose(a, b, tolerance, tolerance))
    throw Error(ErrorKind::failed, "the exported graph does not give what the network gives");
}

}  // namespace

void write_torchscript(infer::WeightsEngine& engine, int64_t batch,
                       const std::filesystem::path& path) {
  const torch::NoGradGuard no_gradients;
  const int64_t side = engine.info().imgsz;
  const auto images =
      torch::full({batch, 3, side, side}, 0.5, torch::TensorOptions().device(engine.device()));
  try {
    auto module = trace(engine, images);
    verify(engine, module, images);
    auto info = engine.info();
    info.batch = batch;
    std::ostringstream archive;
    module.save(archive, {{infer::export_metadata, infer::to_metadata(info).dump()}});
    base::write_file_atomic(path, archive.str());
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::failed, std::string("cannot export: ") + error.what_without_backtrace());
  }
}

}  // namespace lotse::runner::exporting
