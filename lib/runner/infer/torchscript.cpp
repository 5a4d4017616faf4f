#include "runner/infer/torchscript.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "base/strings.h"
#include "runner/device.h"
#include "runner/precision.h"

namespace lotse::runner::infer {

using base::Error;
using base::ErrorKind;
using torch::Tensor;

namespace {

class TorchScriptEngine : public Engine {
 public:
  TorchScriptEngine(torch::jit::Module module, const torch::Device& device, EngineInfo info)
      : module_(std::move(module)), device_(device) {
    info_ = std::move(info);
  }

  Tensor forward(const Tensor& images) override {
    if (images.size(2) != info_.imgsz || images.size(3) != info_.imgsz)
      throw Error(ErrorKind::invalid, base::cat("the exported model takes pictures of ",
                                                info_.imgsz, "x", info_.imgsz));
    const torch::NoGradGuard no_gradients;
    // Profiling would make the first two calls slow, and there is nothing here that it could fuse.
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    std::vector<Tensor> parts;
    for (int64_t at = 0; at < images.size(0); at += info_.batch)
      parts.push_back(call(images.slice(0, at, std::min(at + info_.batch, images.size(0)))));
    return parts.size() == 1 ? parts[0] : torch::cat(parts);
  }

 private:
  /// Fills up what is missing to the file's batch.
  Tensor call(const Tensor& images) {
    const int64_t missing = info_.batch - images.size(0);
    auto x = images;
    if (missing > 0) {
      x = torch::cat({images, images.new_zeros({missing, 3, images.size(2), images.size(3)})});
    }
    try {
      return module_.forward({x.to(device_)}).toTensor().slice(0, 0, images.size(0));
    } catch (const c10::Error& error) {
      throw Error(ErrorKind::failed, info_.source + ": " + error.what_without_backtrace());
    }
  }

  torch::jit::Module module_;
  torch::Device device_;
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

[[noreturn]] void wrong(const EngineOptions& options, const std::string& what) {
  throw Error({{options.model, what, ""}});
}

EngineInfo read_metadata(const EngineOptions& options, const std::string& text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  EngineInfo info;
  try {
    info.architecture = document.at("architecture").get<std::string>();
    info.head = document.at("head").get<std::string>();
    info.precision = document.at("precision").get<std::string>();
    info.names = document.at("names").get<std::vector<std::string>>();
    info.imgsz = document.at("imgsz").get<int64_t>();
    info.batch = document.at("batch").get<int64_t>();
  } catch (const nlohmann::json::exception&) {
    wrong(options, "is TorchScript, but not exported by lotse-runner: it does not say what it is");
  }
  if (info.batch < 1 || info.imgsz < 32 || (info.head != "o2o" && info.head != "o2m"))
    wrong(options, "says nonsense about itself");
  return info;
}

void check(const EngineOptions& options, const EngineInfo& info) {
  if (options.head != "auto" && options.head != info.head)
    wrong(options, "was exported with head " + info.head + "; export it again for another one");
  if (options.precision != "auto" && options.precision != info.precision &&
      options.precision != "fp32")
    wrong(options, "was exported in " + info.precision);
}

}  // namespace

bool is_torchscript(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return false;
  const auto size = static_cast<int64_t>(file.tellg());
  const auto part = std::min<int64_t>(size, 1 << 20);  // holds the whole directory of such a file
  std::string tail(static_cast<size_t>(part), '\0');
  file.seekg(size - part);
  file.read(tail.data(), part);
  return file && tail.find("/constants.pkl") != std::string::npos;
}

std::unique_ptr<Engine> load_torchscript(const EngineOptions& options) {
  const auto device = choose_device(options.device);
  torch::jit::ExtraFilesMap extra = {{export_metadata, ""}};
  try {
    auto module = torch::jit::load(options.model, device, extra);
    auto info = read_metadata(options, extra[export_metadata]);
    check(options, info);
    warn_if_emulated(info.precision, device, "export it again with --precision fp32");
    move_constants(module.get_method("forward").graph()->block(), device);
    info.source = options.model;
    info.exported = true;
    info.device = device_name(device);
    return std::make_unique<TorchScriptEngine>(std::move(module), device, std::move(info));
  } catch (const c10::Error& error) {
    const std::string why = error.what_without_backtrace();
    wrong(options, "cannot be read: " + why.substr(0, why.find('\n')));
  }
}

}  // namespace lotse::runner::infer
