#include "runner/infer/torchscript.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/mapped_file.h"
#include "checkpoint/torchscript.h"
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
      const auto output = module_.forward({x.to(device_)});
      if (!output.isTensor()) throw OutputError("it is not a tensor");
      return output.toTensor().slice(0, 0, images.size(0));
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {  // c10::Error, or the interpreter's own
      const std::string why = error.what();
      throw Error(ErrorKind::failed, info_.source + ": " + why.substr(0, why.find('\n')));
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

constexpr auto export_hint = "Export it from the .pt with `lotse export`.";

[[noreturn]] void wrong(const EngineOptions& options, const std::string& what,
                        const std::string& hint = "") {
  throw Error({{options.model, what, hint}});
}

EngineInfo own_metadata(const nlohmann::json& document) {
  EngineInfo info;
  info.architecture = document.at("architecture").get<std::string>();
  info.head = document.at("head").get<std::string>();
  info.precision = document.at("precision").get<std::string>();
  info.names = document.at("names").get<std::vector<std::string>>();
  info.imgsz = document.at("imgsz").get<int64_t>();
  info.batch = document.at("batch").get<int64_t>();
  return info;
}

/// What Ultralytics' exporter says of a file, in its config.txt.
EngineInfo foreign_metadata(const EngineOptions& options, const nlohmann::json& document) {
  const auto& arguments = document.value("args", nlohmann::json::object());
  if (const auto task = document.at("task").get<std::string>(); task != "detect")
    wrong(options, "is for the task '" + task + "': only boxes are known here");
  if (arguments.value("half", false)) wrong(options, "was exported in fp16", export_hint);
  const auto sides = document.at("imgsz").get<std::vector<int64_t>>();
  if (sides.size() != 2 || sides[0] != sides[1])
    wrong(options, "takes pictures that are not square", export_hint);
  EngineInfo info;
  info.architecture = "foreign";
  info.head = document.value("end2end", false) || arguments.value("nms", false) ? "o2o" : "o2m";
  info.precision = "fp32";
  info.imgsz = sides[0];
  info.batch = document.at("batch").get<int64_t>();
  for (int64_t i = 0; i < static_cast<int64_t>(document.at("names").size()); ++i)
    info.names.push_back(document["names"].at(std::to_string(i)).get<std::string>());
  return info;
}

EngineInfo read_metadata(const EngineOptions& options,
                         const std::map<std::string, std::string>& extra) {
  const auto own = extra.find(export_metadata);
  const auto foreign = extra.find("config.txt");
  EngineInfo info;
  try {
    if (own != extra.end())
      info = own_metadata(nlohmann::json::parse(own->second));
    else if (foreign != extra.end())
      info = foreign_metadata(options, nlohmann::json::parse(foreign->second));
    else
      wrong(options, "is TorchScript that does not say what it is: names, size, head", export_hint);
  } catch (const nlohmann::json::exception&) {
    wrong(options, "does not say what it is: names, size, head", export_hint);
  }
  constexpr int64_t most_pixels = int64_t{1} << 28;
  const bool sizes = info.batch >= 1 && info.batch <= 4096 && info.imgsz >= 32 &&
                     info.imgsz <= 16384 && info.batch * info.imgsz * info.imgsz <= most_pixels;
  if (!sizes || info.names.empty() || (info.head != "o2o" && info.head != "o2m"))
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
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) &&
         checkpoint::is_torchscript(checkpoint::MappedFile(path).bytes());
}

bool is_own_export(const std::string& path) {
  const auto member = base::cat("/extra/", export_metadata);
  return is_torchscript(path) &&
         checkpoint::MappedFile(path).bytes().find(member) != std::string_view::npos;
}

std::unique_ptr<Engine> load_torchscript(const EngineOptions& options) {
  const auto device = choose_device(options.device);
  auto file = checkpoint::read_torchscript(options.model);
  auto info = read_metadata(options, file.extra);
  check(options, info);
  warn_if_emulated(info.precision, device, "export it again with --precision fp32");
  try {
    // What was checked, from memory: the file is not read again.
    std::istringstream archive(std::move(file.archive));
    auto module = torch::jit::load(archive, device);
    module.eval();
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
