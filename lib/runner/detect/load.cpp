#include "runner/detect/load.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/checkpoint.h"
#include "runner/nn/blocks.h"
#include "runner/nn/convert.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::detect {

namespace {

using checkpoint::Checkpoint;
using checkpoint::TensorView;
using nlohmann::json;
using Views = std::map<std::string, const TensorView*>;

constexpr int64_t standard_classes = 80;
constexpr auto format_name = "lotse 1";

[[noreturn]] void wrong(const std::string& file, const std::string& what,
                        const std::string& hint = "") {
  throw base::Error(base::ErrorKind::invalid, file + ": " + what, hint);
}

std::vector<std::string> numbered(int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

/// Buffers that a fresh model has right already, so that their absence is no loss.
bool may_be_absent(const std::string& name) {
  constexpr std::string_view ending = "num_batches_tracked";
  return name.size() > ending.size() && name.substr(name.size() - ending.size()) == ending;
}

/// What stands before "0.conv.weight", the first tensor of every detector known here: "model.", or
/// what a wrapper of it has made of that ("module.model.", "_orig_mod.model.model.").
std::string prefix_in(const Checkpoint& read) {
  constexpr std::string_view first = "0.conv.weight";
  for (const auto& [name, view] : read.tensors) {
    if (!name.ends_with(first)) continue;
    auto parts = base::split(name.substr(0, name.size() - first.size()), '.');
    parts.pop_back();  // what is behind the last dot: nothing
    const bool wrappers = std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
      return part == "model" || part == "module" || part == "_orig_mod";
    });
    if (wrappers) return name.substr(0, name.size() - first.size());
  }
  return "model.";
}

/// "model." and what is behind the prefix; nothing for a name without it.
std::optional<std::string> plain_name(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return {};
  return "model." + name.substr(prefix.size());
}

/// What the file is for: as it says, else as the branches beside the boxes say.
std::string task_of(const Checkpoint& read, const Views& views) {
  if (read.metadata.contains("task") && read.metadata["task"].is_string())
    return read.metadata["task"].get<std::string>();
  std::string task = "detect";
  for (const auto& [name, view] : views) {
    if (name.find(".proto.") != std::string::npos) return "segment";
    if (name.find(".cv4.0.2.bias") == std::string::npos || view->shape.size() != 1) continue;
    task = view->shape[0] == 1 ? "obb" : "pose";  // one angle, or keypoints
  }
  return task;
}

void check_task(const std::string& task, const std::string& file) {
  if (task == "obb")
    wrong(file, "is for oriented boxes (OBB), whose boxes would be wrong without their angle",
          "Boxes along the axes are found by a detection model.");
  if (task == "classify") wrong(file, "is a classifier: it finds no boxes");
}

/// The last bias of a head's first class branch, one number a class; null without a head.
const TensorView* head_bias(const Views& views) {
  for (const auto& [name, view] : views) {
    if (base::split(name, '.').size() == 6 && name.find(".cv3.0.2.bias") != std::string::npos &&
        view->shape.size() == 1)
      return view;
  }
  return nullptr;
}

int64_t classes_in(const Views& views, const std::string& file) {
  if (const auto* bias = head_bias(views)) return bias->shape[0];
  wrong(file, "holds no detector: it has no head of the families known here");
}

/// How many of the model's tensors are in the file with the right shape, and how many there are.
std::pair<int64_t, int64_t> matches(const nn::Architecture& candidate, int64_t classes,
                                    const Views& views) {
  const Detector shapes(candidate, classes, torch::kMeta);
  std::pair<int64_t, int64_t> result = {0, 0};
  for (const auto& [name, tensor] : nn::state(shapes)) {
    const auto found = views.find(name);
    if (may_be_absent(name)) continue;
    ++result.second;
    if (found != views.end() && tensor.sizes() == torch::IntArrayRef(found->second->shape))
      ++result.first;
  }
  return result;
}

/// Told by the shapes, which cannot be wrong, rather than by what the file says about itself.
const nn::Architecture& recognise(const Views& views, int64_t classes, const std::string& file) {
  const nn::Architecture* best = nullptr;
  double most = 0;
  const auto first = views.find("model.0.conv.weight");
  if (first == views.end() || first->second->shape.size() != 4)
    wrong(file, "holds no detector: it has no tensor 'model.0.conv.weight'");
  if (const auto channels = first->second->shape[1]; channels != 3)
    wrong(file,
          base::cat("takes pictures of ", channels,
                    channels == 1 ? " channel (grayscale)" : " channels",
                    ": tensor 'model.0.conv.weight'"),
          "Only RGB is known here: train it again with channels: 3.");
  for (const auto& candidate : nn::architectures()) {
    const auto [fit, all] = matches(candidate, classes, views);
    if (fit == all) return candidate;
    const double part = static_cast<double>(fit) / static_cast<double>(all);
    if (part > most) best = &candidate;
    most = std::max(most, part);
  }
  const auto near = best == nullptr
                        ? std::string()
                        : base::cat("; the closest is ", best->name, ", of which ",
                                    base::fixed(100 * most, 0), " % of the tensors fit");
  wrong(file, "is none of the detectors known here" + near,
        "Known are YOLO26, YOLO11 and YOLOv8 detectors in sizes n, s, m, l and x, not fused.");
}

json own_metadata(const Checkpoint& file) {
  json metadata = file.metadata;
  if (metadata.contains("names") && metadata["names"].is_string())
    metadata["names"] = json::parse(metadata["names"].get<std::string>(), nullptr, false);
  return metadata;
}

std::vector<std::string> names_in(const json& metadata, int64_t classes) {
  const auto found = metadata.find("names");
  const bool usable =
      found != metadata.end() && found->is_array() &&
      found->size() == static_cast<std::size_t>(classes) &&
      std::all_of(found->begin(), found->end(), [](auto& n) { return n.is_string(); });
  return usable ? found->get<std::vector<std::string>>() : numbered(classes);
}

void check_bins(const torch::Tensor& bins, const std::string& name, const std::string& file) {
  const auto flat = bins.flatten().to(torch::kFloat);
  if (!torch::equal(flat, torch::arange(flat.numel(), flat.options())))
    wrong(file, "tensor '" + name + "' does not hold 0, 1, 2, ...");
}

void check_finite(const torch::Tensor& values, const std::string& name, const std::string& file) {
  if (values.is_floating_point() && !torch::isfinite(values).all().item<bool>())
    wrong(file, "tensor '" + name + "' holds values that are not finite",
          "Training that gave it diverged: take an earlier checkpoint.");
}

/// Copies what fits; everything must if `all`.
void transfer(LoadedModel& model, const Views& views, bool all) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : nn::state(*model.detector)) {
    ++model.tensors;
    const auto found = views.find(name);
    const bool fits =
        found != views.end() && tensor.sizes() == torch::IntArrayRef(found->second->shape);
    if (!fits) {
      if (all && !may_be_absent(name)) wrong(model.source, "tensor '" + name + "' is not there");
      continue;
    }
    const auto values = nn::to_torch(*found->second);
    check_finite(values, name, model.source);
    if (name.find(".dfl.conv.weight") != std::string::npos) check_bins(values, name, model.source);
    tensor.copy_(values);
    ++model.transferred;
  }
}

/// The one activation of the file: our own files name it, a .pt has it in its modules.
void take_activation(LoadedModel& model, const Checkpoint& read, const std::string& prefix) {
  std::string text;
  std::string from;  // the module that has it
  std::map<std::string, std::string> by_module;
  for (const auto& [module, activation] : read.activations) {
    if (const auto name = plain_name(module, prefix)) by_module[*name] = activation;
  }
  for (const auto& named : model.detector->named_modules("", false)) {
    const auto* conv = dynamic_cast<const nn::Conv*>(named.value().get());
    const auto found = by_module.find(named.key());
    if (conv == nullptr || found == by_module.end()) continue;
    if (conv->activates() != (found->second != "Identity"))
      wrong(model.source, "module '" + named.key() + "' has the activation " + found->second +
                              ", " + model.detector->architecture().name +
                              (conv->activates() ? " has one" : " has none") + " there");
    if (!conv->activates()) continue;
    if (!text.empty() && text != found->second)
      wrong(model.source, "module '" + from + "' has the activation " + text + ", '" + named.key() +
                              "' " + found->second + ": only one in a model is known here");
    text = found->second;
    from = named.key();
  }
  if (text.empty() && model.metadata.contains("activation") &&
      model.metadata["activation"].is_string())
    text = model.metadata["activation"].get<std::string>();
  if (text.empty()) return;  // a state dict does not say: the families' own
  const auto known = nn::parse_activation(text);
  if (!known)
    wrong(model.source, "the activation " + text + " is not known here",
          "Known are SiLU, ReLU, ReLU6, LeakyReLU, Hardswish, GELU, Mish, ELU, Sigmoid and Tanh.");
  model.detector->set_activation(*known);
}

Views views_of(const Checkpoint& read, const std::string& prefix) {
  Views views;
  for (const auto& [name, view] : read.tensors) {
    if (const auto plain = plain_name(name, prefix)) views.emplace(*plain, &view);
  }
  return views;
}

LoadedModel load_file(const std::string& file, const Checkpoint& read, uint64_t seed,
                      const std::optional<std::vector<std::string>>& names) {
  const auto prefix = prefix_in(read);
  const auto views = views_of(read, prefix);
  const auto task = task_of(read, views);
  check_task(task, file);
  const int64_t classes = classes_in(views, file);
  const auto& known = recognise(views, classes, file);
  LoadedModel model;
  model.source = file;
  model.metadata = own_metadata(read);
  model.names = names ? *names : names_in(model.metadata, classes);
  const auto wanted = static_cast<int64_t>(model.names.size());
  model.detector = std::make_shared<Detector>(known, wanted);
  model.detector->initialize(seed);
  model.task = task;
  take_activation(model, read, prefix);
  transfer(model, views, wanted == classes);
  model.detector->eval();
  return model;
}

}  // namespace

LoadedModel make_model(const std::string& name, uint64_t seed, std::vector<std::string> names) {
  LoadedModel model;
  const auto& known = nn::architecture(name);
  model.names = names.empty() ? numbered(standard_classes) : std::move(names);
  model.detector = std::make_shared<Detector>(known, static_cast<int64_t>(model.names.size()));
  model.detector->initialize(seed);
  model.detector->eval();
  model.metadata = json::object();
  model.source = known.name;
  model.fresh = true;
  model.tensors = static_cast<int64_t>(nn::state(*model.detector).size());
  return model;
}

LoadedModel load_model(const task::Source& model, uint64_t seed,
                       const std::optional<std::vector<std::string>>& names) {
  if (model.weights) return load_file(model.given, *model.weights, seed, names);
  return make_model(model.given, seed, names.value_or(std::vector<std::string>{}));
}

LoadedModel load_model(const std::string& model, uint64_t seed,
                       const std::optional<std::vector<std::string>>& names) {
  return load_model(task::read_source(model), seed, names);
}

bool is_detector(const task::Source& source) {
  const auto task = source.task();
  const bool says_so = task == "detect" || task == "segment" || task == "pose" || task == "obb";
  if (says_so || !task.empty()) return says_so;
  if (!source.weights) return source.is_name() && nn::find_architecture(source.given) != nullptr;
  const auto prefix = prefix_in(*source.weights);
  return head_bias(views_of(*source.weights, prefix)) != nullptr;
}

void save_weights(const Detector& detector, const std::vector<std::string>& names,
                  const std::filesystem::path& path,
                  const std::map<std::string, std::string>& more) {
  if (detector.fused())
    throw base::Error(base::ErrorKind::failed, "a fused model has lost what must be saved");
  auto metadata = more;
  metadata["format"] = format_name;
  metadata["architecture"] = detector.architecture().name;
  metadata["activation"] = nn::to_text(detector.activation());
  metadata["names"] = json(names).dump();
  nn::write_tensors(path, nn::state(detector), metadata);
}

}  // namespace lotse::runner::detect
