#include "runner/detect/load.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/tensors.h"
#include "runner/nn/weights.h"

namespace lotse::runner::detect {

namespace {

using nn::wrong_weights;

constexpr int64_t standard_classes = 80;

/// What the file is for: as it says, else as the branches beside the boxes say.
std::string task_of(const nn::Weights& weights) {
  if (auto said = weights.task(); !said.empty()) return said;
  std::string task = "detect";
  for (const auto& [name, view] : weights.tensors) {
    if (name.find(".proto.") != std::string::npos) return "segment";
    if (name.find(".cv4.0.2.bias") == std::string::npos || view->shape.size() != 1) continue;
    task = view->shape[0] == 1 ? "obb" : "pose";  // one angle, or keypoints
  }
  return task;
}

void check_task(const std::string& task, const std::string& file) {
  if (task == "obb")
    wrong_weights(file,
                  "is for oriented boxes (OBB), whose boxes would be wrong without their angle",
                  "Boxes along the axes are found by a detection model.");
  if (task == "classify") wrong_weights(file, "is a classifier: it finds no boxes");
}

/// How many classes a head's first class branch has, by its last bias; nothing without a head.
std::optional<int64_t> head_classes(const nn::Weights& weights) {
  for (const auto& [name, view] : weights.tensors) {
    if (base::split(name, '.').size() == 6 && name.find(".cv3.0.2.bias") != std::string::npos &&
        view->shape.size() == 1)
      return view->shape[0];
  }
  return {};
}

int64_t classes_in(const nn::Weights& weights) {
  if (const auto classes = head_classes(weights)) return *classes;
  wrong_weights(weights.file, "holds no detector: it has no head of the families known here");
}

/// Averages of many steps are off by a few roundings, in files of others too.
void check_bins(const Detector& detector, const std::string& file) {
  for (const auto& [name, tensor] : nn::state(detector)) {
    if (name.find(".dfl.conv.weight") == std::string::npos) continue;
    const auto flat = tensor.flatten();
    if (!torch::allclose(flat, torch::arange(flat.numel(), flat.options()), 1e-3, 1e-3))
      wrong_weights(file, "tensor '" + name + "' does not hold 0, 1, 2, ...");
  }
}

LoadedModel load_weights(const nn::Weights& weights, uint64_t seed,
                         const std::optional<std::vector<std::string>>& names) {
  const auto& file = weights.file;
  const auto task = task_of(weights);
  check_task(task, file);
  const int64_t classes = classes_in(weights);
  const auto& known = nn::recognise(
      weights, nn::architectures(),
      [&](const nn::Architecture& candidate) {
        return std::make_shared<Detector>(candidate, classes, torch::kMeta);
      },
      "detectors");
  LoadedModel model;
  model.source = file;
  model.metadata = weights.metadata;
  model.names = names ? *names : weights.names(classes);
  const auto wanted = static_cast<int64_t>(model.names.size());
  model.detector = std::make_shared<Detector>(known, wanted);
  model.detector->initialize(seed);
  model.task = task;
  if (const auto activation = nn::activation_in(weights, *model.detector, known.name))
    model.detector->set_activation(*activation);
  const auto transferred = nn::transfer(weights, *model.detector, wanted == classes);
  model.transferred = transferred.taken;
  model.tensors = transferred.all;
  check_bins(*model.detector, file);
  model.detector->eval();
  return model;
}

}  // namespace

LoadedModel make_model(const std::string& name, uint64_t seed, std::vector<std::string> names) {
  LoadedModel model;
  const auto& known = nn::architecture(name);
  model.names = names.empty() ? nn::numbered_names(standard_classes) : std::move(names);
  model.detector = std::make_shared<Detector>(known, static_cast<int64_t>(model.names.size()));
  model.detector->initialize(seed);
  model.detector->eval();
  model.metadata = nlohmann::json::object();
  model.source = known.name;
  model.fresh = true;
  model.tensors = static_cast<int64_t>(nn::state(*model.detector).size());
  return model;
}

LoadedModel load_model(const task::Source& model, uint64_t seed,
                       const std::optional<std::vector<std::string>>& names) {
  if (model.weights) return load_weights(nn::weights_of(model.given, *model.weights), seed, names);
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
  return head_classes(nn::weights_of(source.given, *source.weights)).has_value();
}

void save_weights(const Detector& detector, const std::vector<std::string>& names,
                  const std::filesystem::path& path,
                  const std::map<std::string, std::string>& more) {
  if (detector.fused())
    throw base::Error(base::ErrorKind::failed, "a fused model has lost what must be saved");
  nn::write_weights(path, detector,
                    {"detect", detector.architecture().name, detector.activation(), names}, more);
}

}  // namespace lotse::runner::detect
