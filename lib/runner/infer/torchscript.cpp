#include "runner/infer/torchscript.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/mapped_file.h"
#include "checkpoint/torchscript.h"

namespace lotse::runner::infer {

using base::Error;
using base::ErrorKind;
using task::OutputError;
using task::Tensors;

namespace {

/// A tensor, or a tuple of tensors.
Tensors tensors_in(const torch::jit::IValue& output) {
  if (output.isTensor()) return {output.toTensor()};
  if (!output.isTuple()) throw OutputError("it is not a tensor");
  Tensors all;
  for (const auto& element : output.toTupleRef().elements()) {
    if (!element.isTensor()) throw OutputError("it is not a tuple of tensors");
    all.push_back(element.toTensor());
  }
  return all;
}

class GraphNetwork : public task::Network {
 public:
  GraphNetwork(torch::jit::Module module, const torch::Device& device, std::string file)
      : module_(std::move(module)), device_(device), file_(std::move(file)) {}

  Tensors forward(const Tensors& inputs) override {
    const torch::NoGradGuard no_gradients;
    // Profiling would make the first two calls slow, and there is nothing here that it could fuse.
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    torch::jit::Stack stack;
    for (const auto& input : inputs) stack.emplace_back(input.to(device_));
    try {
      return tensors_in(module_.forward(std::move(stack)));
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {  // c10::Error, or the interpreter's own
      const std::string why = error.what();
      throw Error(ErrorKind::failed, file_ + ": " + why.substr(0, why.find('\n')));
    }
  }

 private:
  torch::jit::Module module_;
  torch::Device device_;
  std::string file_;
};

/// Where the graph makes tensors it names the device that it was exported on; ours is the one that
/// counts.
void move_constants(torch::jit::Block* block, const torch::Device& device) {
  for (auto* node : block->nodes()) {
    for (auto* inner : node->blocks()) move_constants(inner, device);
    if (node->kind() == c10::prim::Constant &&
        node->output()->type()->kind() == c10::TypeKind::DeviceObjType)
      node->s_(c10::attr::value, device.str());
  }
}

}  // namespace

bool is_torchscript(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         checkpoint::is_torchscript(checkpoint::MappedFile(path).bytes());
}

bool is_own_export(const std::string& path) {
  const auto member = base::cat("/extra/", task::export_metadata);
  return is_torchscript(path) &&
         checkpoint::MappedFile(path).bytes().find(member) != std::string_view::npos;
}

task::Graph read_graph(const std::string& path, const torch::Device& device) {
  auto file = checkpoint::read_torchscript(path);
  try {
    // What was checked, from memory: the file is not read again.
    std::istringstream archive(std::move(file.archive));
    auto module = torch::jit::load(archive, device);
    module.eval();
    move_constants(module.get_method("forward").graph()->block(), device);
    return {std::make_unique<GraphNetwork>(std::move(module), device, path), device,
            std::move(file.extra)};
  } catch (const c10::Error& error) {
    const std::string why = error.what_without_backtrace();
    throw Error({{path, "cannot be read: " + why.substr(0, why.find('\n')), ""}});
  }
}

}  // namespace lotse::runner::infer
