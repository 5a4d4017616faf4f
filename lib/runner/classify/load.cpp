#include "runner/classify/load.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/tensors.h"
#include "runner/nn/weights.h"

namespace lotse::runner::classify {

namespace {

constexpr int64_t standard_classes = 1000;

LoadedModel from_weights(const nn::Weights& weights, uint64_t seed,
                         const std::optional<std::vector<std::string>>& names) {
  const auto classes = head_classes(weights);
  if (!classes) nn::wrong_weights(weights.file, "holds no classifier: it has no head of one");
  const auto& known = nn::recognise(
      weights, architectures(),
      [&](const nn::Architecture& candidate) {
        return std::make_shared<Classifier>(candidate, *classes, torch::kMeta);
      },
      "classifiers");
  LoadedModel model;
  model.source = weights.file;
  model.metadata = weights.metadata;
  model.names = names ? *names : weights.names(*classes);
  const auto wanted = static_cast<int64_t>(model.names.size());
  model.classifier = std::make_shared<Classifier>(known, wanted);
  model.classifier->initialize(seed);
  if (const auto activation = nn::activation_in(weights, *model.classifier, known.name))
    model.classifier->set_activation(*activation);
  const auto transferred = nn::transfer(weights, *model.classifier, wanted == *classes);
  model.transferred = transferred.taken;
  model.tensors = transferred.all;
  model.classifier->eval();
  return model;
}

}  // namespace

std::optional<int64_t> head_classes(const nn::Weights& weights) {
  for (const auto& [name, view] : weights.tensors) {
    const auto parts = base::split(name, '.');  // model.10.linear.bias
    if (parts.size() == 4 && parts[2] == "linear" && parts[3] == "bias" && view->shape.size() == 1)
      return view->shape[0];
  }
  return {};
}

LoadedModel make_model(const std::string& name, uint64_t seed, std::vector<std::string> names) {
  LoadedModel model;
  const auto& known = nn::architecture(name, architectures());
  model.names = names.empty() ? nn::numbered_names(standard_classes) : std::move(names);
  model.classifier = std::make_shared<Classifier>(known, static_cast<int64_t>(model.names.size()));
  model.classifier->initialize(seed);
  model.classifier->eval();
  model.metadata = nlohmann::json::object();
  model.source = known.name;
  model.fresh = true;
  model.tensors = static_cast<int64_t>(nn::state(*model.classifier).size());
  return model;
}

LoadedModel load_model(const task::Source& source, uint64_t seed,
                       const std::optional<std::vector<std::string>>& names) {
  if (!source.weights)
    return make_model(source.given, seed, names.value_or(std::vector<std::string>{}));
  return from_weights(nn::weights_of(source.given, *source.weights), seed, names);
}

void save_weights(const Classifier& classifier, const std::vector<std::string>& names,
                  const std::filesystem::path& path,
                  const std::map<std::string, std::string>& more) {
  if (classifier.fused())
    throw base::Error(base::ErrorKind::failed, "a fused model has lost what must be saved");
  nn::write_weights(path, classifier,
                    {"classify", classifier.architecture().name, classifier.activation(), names},
                    more);
}

}  // namespace lotse::runner::classify
