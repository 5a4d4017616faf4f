#include "runner/detect/model.h"

#include <tuple>

#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/load.h"
#include "runner/nn/tensors.h"
#include "runner/nn/ultralytics.h"
#include "runner/precision.h"

namespace lotse::runner::detect {

using contract::EngineOptions;
using torch::Tensor;

namespace {

/// The network of weights, with decoding and (o2o) top_k behind it.
class DetectorNetwork : public task::Network {
 public:
  DetectorNetwork(std::shared_ptr<Detector> detector, Heads head, const torch::Device& device,
                  torch::ScalarType type)
      : detector_(std::move(detector)), head_(head), device_(device), type_(type) {
    const torch::InferenceMode inference(false);
    const torch::NoGradGuard no_gradients;
    detector_->eval();
    detector_->keep_head(head_);
    detector_->fuse();
    detector_->to(device_, type_);
    nn::to_channels_last(*detector_);
    for (auto& parameter : detector_->parameters()) parameter.set_requires_grad(false);
  }

  task::Tensors forward(const task::Tensors& inputs) override {
    const torch::NoGradGuard no_gradients;
    const auto images = inputs.at(0).to(torch::TensorOptions().device(device_).dtype(type_), false,
                                        false, torch::MemoryFormat::ChannelsLast);
    return {output_of(*detector_, images, head_)};
  }
  std::vector<std::pair<std::string, Tensor>> state() const override {
    return nn::state(*detector_);
  }
  void pack() override { nn::pack(*detector_); }

 private:
  std::shared_ptr<Detector> detector_;
  Heads head_;
  torch::Device device_;
  torch::ScalarType type_;
};

task::ModelInfo completed(task::ModelInfo info, const DetectModel::Parts& parts) {
  info.task = "detect";
  info.traits = {{"head", to_text(parts.head)}};
  info.about = {{"names", parts.names}, {"imgsz", parts.imgsz}};
  return info;
}

/// Segmentation and pose models find boxes too; what else they give is lost.
std::vector<contract::Event> warnings_for(const LoadedModel& loaded) {
  const std::string dropped = loaded.task == "segment" ? "masks"
                              : loaded.task == "pose"  ? "keypoints"
                                                       : "";
  if (dropped.empty()) return {};
  return {{"warning",
           base::cat(loaded.source, " also gives ", dropped,
                     ", which are dropped: only boxes are found"),
           {{"dropped", dropped}}}};
}

std::unique_ptr<DetectModel> from_weights(const task::Source& source,
                                          const EngineOptions& options) {
  if (options.imgsz % 32 != 0)
    throw base::Error({{"imgsz", base::cat(options.imgsz, " is not a multiple of 32"), ""}});
  const auto side = task::side_for(source, options.imgsz, standard_side);
  auto info = task::weights_info(source, options);
  const auto loaded = load_model(source, static_cast<uint64_t>(options.seed));
  info.source = loaded.source;
  info.architecture = loaded.detector->architecture().name;
  info.warnings = warnings_for(loaded);
  const auto head = choose_head(options.head, *loaded.detector);
  auto network = std::make_unique<DetectorNetwork>(loaded.detector, head, info.device,
                                                   scalar_type(info.precision));
  return std::make_unique<DetectModel>(std::move(network), std::move(info),
                                       DetectModel::Parts{head, loaded.names, side});
}

[[noreturn]] void bad_graph(const std::string& file, const std::string& what,
                            const std::string& hint = "") {
  throw base::Error({{file, what, hint}});
}

DetectModel::Parts own_parts(const std::string& file, const nlohmann::json& about) {
  try {
    const auto head = about.at("head").get<std::string>();
    if (head != "o2o" && head != "o2m") bad_graph(file, "says nonsense about itself");
    return {head == "o2o" ? Heads::one_to_one : Heads::one_to_many,
            about.at("names").get<std::vector<std::string>>(), about.at("imgsz").get<int64_t>()};
  } catch (const nlohmann::json::exception&) {
    bad_graph(file, "does not say what it is: names, size, head", task::export_hint);
  }
}

/// What Ultralytics' exporter has written.
std::pair<task::ModelInfo, DetectModel::Parts> foreign_parts(const task::Source& source) {
  const auto& file = source.given;
  const auto found = source.graph->extra.find(nn::ultralytics_metadata);
  if (found == source.graph->extra.end())
    bad_graph(file, "is TorchScript that does not say what it is: names, size, head",
              task::export_hint);
  if (const auto task = source.task(); !task.empty() && task != "detect")
    bad_graph(file, "is for the task '" + task + "': only boxes are known here");
  auto read = nn::read_ultralytics(file, found->second, task::export_hint);
  return {task::foreign_info(source, read.batch),
          {read.end_to_end ? Heads::one_to_one : Heads::one_to_many, std::move(read.names),
           read.imgsz}};
}

std::unique_ptr<DetectModel> from_graph(task::Source source, const EngineOptions& options) {
  const auto own = source.own_metadata();
  task::ModelInfo info;
  DetectModel::Parts parts;
  if (own.empty()) {
    std::tie(info, parts) = foreign_parts(source);
  } else {
    info = task::exported_info(source);
    parts = own_parts(source.given, info.about);
  }
  nn::check_sizes(source.given, parts.names, parts.imgsz, info.batch, options.imgsz);
  if (const std::string head = to_text(parts.head); options.head != "auto" && options.head != head)
    bad_graph(source.given, "was exported with head " + head + "; export it again for another one");
  task::check_exported_precision(info, options.precision);
  return std::make_unique<DetectModel>(std::move(source.graph->network), std::move(info),
                                       std::move(parts));
}

}  // namespace

DetectModel::DetectModel(std::unique_ptr<task::Network> network, task::ModelInfo info, Parts parts)
    : Model(std::move(network), completed(std::move(info), parts)), parts_(std::move(parts)) {}

task::Signature DetectModel::signature() const {
  const int64_t side = info().exported ? imgsz() : -1;
  task::Signature signature;
  signature.inputs = {{"images", "NCHW", {-1, 3, side, side}, "RGB, 0 to 1", 32}};
  if (head() == Heads::one_to_one) {
    signature.outputs = {{"detections", "NKV", {-1, -1, 6}, "x1 y1 x2 y2 score class"}};
  } else {
    const auto rows = 4 + static_cast<int64_t>(names().size());
    signature.outputs = {{"predictions", "NVA", {-1, rows, -1}, "cx cy w h, a score a class"}};
  }
  return signature;
}

task::Tensors DetectModel::example(int64_t batch, uint64_t seed) const {
  torch::manual_seed(seed);
  return {torch::rand({batch, 3, imgsz(), imgsz()})};
}

task::Tensors DetectModel::comparable(const task::Tensors& outputs) const {
  if (head() != Heads::one_to_one) return outputs;
  return {outputs.at(0).select(2, 4)};
}

std::vector<std::vector<Detection>> DetectModel::detect(const Tensor& images,
                                                        const Selection& selection) {
  if (info().exported && (images.size(2) != imgsz() || images.size(3) != imgsz()))
    throw base::Error(base::ErrorKind::invalid,
                      base::cat("the exported model takes pictures of ", imgsz(), "x", imgsz()));
  const torch::InferenceMode inference;
  const auto output = forward({images}).at(0);
  check_output(output, head(), static_cast<int64_t>(names().size()));
  return detections_in(output, head(), selection);
}

std::unique_ptr<DetectModel> ready_model(task::Source source, const EngineOptions& options) {
  return source.graph ? from_graph(std::move(source), options) : from_weights(source, options);
}

}  // namespace lotse::runner::detect
