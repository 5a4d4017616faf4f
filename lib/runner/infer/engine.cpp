#include "runner/infer/engine.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/load.h"
#include "runner/device.h"
#include "runner/infer/torchscript.h"
#include "runner/nn/tensors.h"
#include "runner/precision.h"

namespace lotse::runner::infer {

using base::Error;
using base::ErrorKind;
using torch::Tensor;

namespace {

torch::ScalarType scalar_type(const std::string& precision) {
  if (precision == "bf16") return torch::kBFloat16;
  return precision == "fp16" ? torch::kHalf : torch::kFloat;
}

std::string choose_head(const std::string& wanted, const detect::Detector& detector) {
  if (wanted == "o2o" && !detector.end_to_end())
    throw Error(ErrorKind::invalid, detector.architecture().name + " has no one-to-one head",
                "Take --head o2m.");
  if (wanted != "auto") return wanted;
  return detector.end_to_end() ? "o2o" : "o2m";
}

/// xyxy as centre and size, the field's form for raw outputs.
Tensor to_centres(const Tensor& boxes) {
  const auto from = boxes.slice(-1, 0, 2);
  const auto to = boxes.slice(-1, 2, 4);
  return torch::cat({(from + to) / 2, to - from}, -1);
}

Tensor to_corners(const Tensor& boxes) {
  const auto centre = boxes.slice(-1, 0, 2);
  const auto half = boxes.slice(-1, 2, 4) / 2;
  return torch::cat({centre - half, centre + half}, -1);
}

void check_range(const Tensor& values, double low, double high, const char* what) {
  if (values.numel() == 0) return;
  const auto [least, most] = torch::aminmax(values);
  // A NaN is neither.
  if (!(least.item<double>() >= low && most.item<double>() <= high))
    throw OutputError(base::cat(what, " reach from ", least.item<double>(), " to ",
                                most.item<double>(), ", not ", low, " to ", high));
}

void check_boxes(const Tensor& boxes) {
  if (!torch::isfinite(boxes).all().item<bool>()) throw OutputError("boxes are not finite");
}

/// The contract of Engine::forward. What a file gives is as little to be believed as the file.
void check_output(const Tensor& output, int64_t images, const EngineInfo& info) {
  const auto classes = static_cast<int64_t>(info.names.size());
  const bool o2o = info.head == "o2o";
  const bool right = output.dim() == 3 && output.scalar_type() == torch::kFloat &&
                     output.size(0) == images &&
                     (o2o ? output.size(2) == 6 : output.size(1) == 4 + classes);
  if (!right)
    throw OutputError(base::cat("it is ", output.scalar_type(), " of shape ", output.sizes()));
  if (!o2o) {
    check_boxes(output.slice(1, 0, 4));
    return check_range(output.slice(1, 4), 0, 1, "scores");
  }
  check_boxes(output.slice(2, 0, 4));
  check_range(output.select(2, 4), 0, 1, "scores");
  check_range(output.select(2, 5), 0, static_cast<double>(classes - 1), "classes");
}

}  // namespace

nlohmann::json to_metadata(const EngineInfo& info) {
  return {{"format", "lotse torchscript 1"},
          {"architecture", info.architecture},
          {"head", info.head},
          {"precision", info.precision},
          {"names", info.names},
          {"imgsz", info.imgsz},
          {"batch", info.batch},
          {"input", "N x 3 x imgsz x imgsz, fp32, RGB, 0 to 1"},
          {"output", info.head == "o2o" ? "N x 300 x 6: x1 y1 x2 y2 score class"
                                        : "N x (4 + classes) x A: cx cy w h, scores"}};
}

std::vector<std::vector<detect::Detection>> Engine::detect(const Tensor& images,
                                                           const detect::Selection& selection) {
  const torch::InferenceMode inference;
  const auto output = forward(images).cpu();
  check_output(output, images.size(0), info_);
  std::vector<std::vector<detect::Detection>> result;
  for (int64_t i = 0; i < output.size(0); ++i) {
    if (info_.head == "o2o") {
      result.push_back(detect::select(output[i], selection));
    } else {
      const auto rows = output[i].transpose(0, 1);  // A x (4 + C)
      result.push_back(detect::nms(to_corners(rows.slice(1, 0, 4)), rows.slice(1, 4), selection));
    }
  }
  return result;
}

struct WeightsEngine::Network {
  std::shared_ptr<detect::Detector> detector;
  detect::Heads head = detect::Heads::one_to_one;
};

WeightsEngine::WeightsEngine(const EngineOptions& options)
    : network_(std::make_unique<Network>()), device_(choose_device(options.device)) {
  if (options.imgsz % 32 != 0)
    throw Error({{"imgsz", base::cat(options.imgsz, " is not a multiple of 32"), ""}});
  info_.precision = choose_precision(options.precision, device_, "fp16");
  auto loaded = detect::load_model(options.model, static_cast<uint64_t>(options.seed));
  network_->detector = loaded.detector;
  auto& detector = *loaded.detector;
  info_.source = loaded.source;
  info_.architecture = detector.architecture().name;
  info_.names = loaded.names;
  info_.imgsz = options.imgsz;
  info_.fresh = loaded.fresh;
  if (loaded.task == "segment") info_.dropped = "masks";
  if (loaded.task == "pose") info_.dropped = "keypoints";
  info_.head = choose_head(options.head, detector);
  info_.device = device_name(device_);
  network_->head = info_.head == "o2o" ? detect::Heads::one_to_one : detect::Heads::one_to_many;
  type_ = scalar_type(info_.precision);
  const torch::InferenceMode inference(false);
  const torch::NoGradGuard no_gradients;
  detector.eval();
  detector.keep_head(network_->head);
  detector.fuse();
  detector.to(device_, type_);
  detector.to_channels_last();
  for (auto& parameter : detector.parameters()) parameter.set_requires_grad(false);
}

WeightsEngine::~WeightsEngine() = default;

void WeightsEngine::pack() {
  network_->detector->pack();
}

Tensor WeightsEngine::forward(const Tensor& images) {
  const torch::NoGradGuard no_gradients;
  const auto x = images.to(torch::TensorOptions().device(device_).dtype(type_), false, false,
                           torch::MemoryFormat::ChannelsLast);
  auto& detector = *network_->detector;
  const auto outputs = detector.forward(x, network_->head);
  const bool o2o = network_->head == detect::Heads::one_to_one;
  const auto& head = o2o ? outputs.one_to_one : outputs.one_to_many;
  const auto decoded = detect::decode(*head, detector.strides(), detector.reg_max());
  if (o2o) return detect::top_k(decoded.boxes, decoded.logits);
  return torch::cat({to_centres(decoded.boxes), decoded.scores()}, 2).transpose(1, 2);
}

std::vector<std::pair<std::string, Tensor>> WeightsEngine::state() const {
  return nn::state(*network_->detector);
}

std::unique_ptr<Engine> load_engine(const EngineOptions& options) {
  if (is_torchscript(options.model)) return load_torchscript(options);
  auto engine = std::make_unique<WeightsEngine>(options);
  engine->pack();
  return engine;
}

}  // namespace lotse::runner::infer
