#include "runner/classify/model.h"

#include "base/error.h"
#include "runner/classify/load.h"
#include "runner/nn/tensors.h"
#include "runner/nn/ultralytics.h"
#include "runner/precision.h"

namespace lotse::runner::classify {

using contract::EngineOptions;
using nlohmann::json;
using torch::Tensor;

namespace {

/// The network of weights with softmax behind it.
class WeightsNetwork : public task::Network {
 public:
  WeightsNetwork(std::shared_ptr<Classifier> classifier, const torch::Device& device,
                 torch::ScalarType type)
      : classifier_(std::move(classifier)), device_(device), type_(type) {
    const torch::InferenceMode inference(false);
    const torch::NoGradGuard no_gradients;
    classifier_->eval();
    classifier_->fuse();
    classifier_->to(device_, type_);
    nn::to_channels_last(*classifier_);
    for (auto& parameter : classifier_->parameters()) parameter.set_requires_grad(false);
  }

  task::Tensors forward(const task::Tensors& inputs) override {
    const torch::NoGradGuard no_gradients;
    const auto images = inputs.at(0).to(torch::TensorOptions().device(device_).dtype(type_), false,
                                        false, torch::MemoryFormat::ChannelsLast);
    return {torch::softmax(classifier_->forward(images).to(torch::kFloat), 1)};
  }
  std::vector<std::pair<std::string, Tensor>> state() const override {
    return nn::state(*classifier_);
  }
  void pack() override { nn::pack(*classifier_); }

 private:
  std::shared_ptr<Classifier> classifier_;
  torch::Device device_;
  torch::ScalarType type_;
};

task::ModelInfo completed(task::ModelInfo info, const std::vector<std::string>& names,
                          int64_t side) {
  info.task = "classify";
  info.about = {{"names", names}, {"imgsz", side}};
  return info;
}

std::unique_ptr<ClassifyModel> from_weights(const task::Source& source,
                                            const EngineOptions& options) {
  auto info = task::weights_info(source, options);
  auto loaded = load_model(source, static_cast<uint64_t>(options.seed));
  info.source = loaded.source;
  info.architecture = loaded.classifier->architecture().name;
  auto network =
      std::make_unique<WeightsNetwork>(loaded.classifier, info.device, scalar_type(info.precision));
  return std::make_unique<ClassifyModel>(std::move(network), std::move(info),
                                         std::move(loaded.names),
                                         task::side_for(source, options.imgsz, standard_side));
}

/// What an exported file says of itself.
struct Told {
  task::ModelInfo info;
  std::vector<std::string> names;
  int64_t side = 0;
};

Told told_by_us(const task::Source& source) {
  auto info = task::exported_info(source);
  try {
    auto names = info.about.at("names").get<std::vector<std::string>>();
    const auto side = info.about.at("imgsz").get<int64_t>();
    return {std::move(info), std::move(names), side};
  } catch (const json::exception&) {
    throw base::Error({{source.given, "does not say what it is: names, size", task::export_hint}});
  }
}

Told told_by_ultralytics(const task::Source& source) {
  auto read = nn::read_ultralytics(source.given, source.graph->extra.at(nn::ultralytics_metadata),
                                   task::export_hint);
  return {task::foreign_info(source, read.batch), std::move(read.names), read.imgsz};
}

std::unique_ptr<ClassifyModel> from_graph(task::Source source, const EngineOptions& options) {
  auto told = source.own_metadata().empty() ? told_by_ultralytics(source) : told_by_us(source);
  nn::check_sizes(source.given, told.names, told.side, told.info.batch, options.imgsz);
  task::check_exported_precision(told.info, options.precision);
  return std::make_unique<ClassifyModel>(std::move(source.graph->network), std::move(told.info),
                                         std::move(told.names), told.side);
}

}  // namespace

ClassifyModel::ClassifyModel(std::unique_ptr<task::Network> network, task::ModelInfo info,
                             std::vector<std::string> names, int64_t side)
    : Model(std::move(network), completed(std::move(info), names, side)),
      names_(std::move(names)),
      side_(side) {}

task::Signature ClassifyModel::signature() const {
  task::Signature signature;
  signature.inputs = {{"images", "NCHW", {-1, 3, side_, side_}, "RGB, 0 to 1"}};
  signature.outputs = {
      {"probabilities", "NC", {-1, static_cast<int64_t>(names_.size())}, "of the classes"}};
  return signature;
}

task::Tensors ClassifyModel::example(int64_t batch, uint64_t seed) const {
  torch::manual_seed(seed);
  return {torch::rand({batch, 3, side_, side_})};
}

Tensor ClassifyModel::probabilities(const Tensor& images) {
  const torch::InferenceMode inference;
  const auto outputs = forward({images});
  task::check_outputs(outputs, signature(), images.size(0));
  const auto& all = outputs[0];
  constexpr double rounding = 1e-2;  // of a graph in bfloat16 with a thousand classes
  const auto sums = all.sum(1);
  if (all.min().item<double>() < 0 || (sums - 1).abs().max().item<double>() > rounding)
    throw task::OutputError("probabilities do not sum up to 1");
  return all;
}

std::unique_ptr<ClassifyModel> ready_model(task::Source source, const EngineOptions& options) {
  return source.graph ? from_graph(std::move(source), options) : from_weights(source, options);
}

bool is_classifier(const task::Source& source) {
  if (const auto task = source.task(); !task.empty()) return task == "classify";
  if (source.weights)
    return head_classes(nn::weights_of(source.given, *source.weights)).has_value();
  return source.is_name() && nn::find_architecture(source.given, architectures()) != nullptr;
}

}  // namespace lotse::runner::classify
