#pragma once
#include <torch/torch.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "runner/detect/postprocess.h"

namespace lotse::runner::infer {

/// What an engine is made of: members of the run configuration by the same names.
struct EngineOptions {
  std::string model;
  int64_t imgsz = 640;
  int64_t seed = 0;
  std::string head = "auto";
  std::string precision = "fp32";
  std::string device = "auto";
};

struct EngineInfo {
  std::string source;
  std::string architecture;
  std::string head;       ///< o2o or o2m
  std::string precision;  ///< fp32, bf16, fp16
  std::string device;
  std::vector<std::string> names;
  int64_t imgsz = 640;
  bool exported = false;  ///< takes batch x 3 x imgsz x imgsz and nothing else
  int64_t batch = 0;      ///< of an exported model; 0: any
  bool fresh = false;
  std::string
      dropped;  ///< what the file holds beside the boxes and is not given: "masks"; "" mostly
};

/// {"architecture", "head", "precision", "names", "imgsz", "batch", "output"}: what an exported
/// file says of itself in its extra file `export_metadata`.
nlohmann::json to_metadata(const EngineInfo& info);
inline constexpr auto export_metadata = "lotse.json";

/// The network gave what cannot be detections: scores outside of 0 to 1, a class without a name,
/// boxes that are not finite, another shape. The model is at fault, never who asked; kind invalid.
class OutputError : public base::Error {
 public:
  explicit OutputError(const std::string& what)
      : base::Error(base::ErrorKind::invalid, "the model's output is wrong: " + what) {}
};

/// A detector that is ready to run: weights or an exported file. Not thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;
  const EngineInfo& info() const { return info_; }

  /// images N x 3 x H x W, fp32, 0 to 1, on the CPU. The head's output, fp32: o2o N x K x 6 (see
  /// top_k); o2m N x (4 + C) x A: centre x, y, width, height in pixels, then scores 0 to 1.
  virtual torch::Tensor forward(const torch::Tensor& images) = 0;

  /// The detections of each image, in pixels of the canvas. Throws OutputError for outputs that
  /// cannot be detections.
  std::vector<std::vector<detect::Detection>> detect(const torch::Tensor& images,
                                                     const detect::Selection& selection);

 protected:
  EngineInfo info_;
};

/// A weights file, an exported TorchScript file (told by content) or an architecture's name. Throws
/// Error(invalid) for a head, precision or size that it cannot have.
std::unique_ptr<Engine> load_engine(const EngineOptions& options);

/// The network of weights, fused, with decoding and (o2o) top_k behind it: what `forward` does.
class WeightsEngine : public Engine {
 public:
  explicit WeightsEngine(const EngineOptions& options);
  ~WeightsEngine() override;
  torch::Tensor forward(const torch::Tensor& images) override;
  /// Faster from now on where that is possible, but no longer to be traced; state() is lost.
  void pack();
  /// Parameters and buffers by name; for tracing.
  std::vector<std::pair<std::string, torch::Tensor>> state() const;
  const torch::Device& device() const { return device_; }

 private:
  struct Network;
  std::unique_ptr<Network> network_;
  torch::Device device_;
  torch::ScalarType type_ = torch::kFloat;
};

/// Whether a file is a TorchScript archive.
bool is_torchscript(const std::string& file);
/// Whether it is one that our export has written.
bool is_own_export(const std::string& file);

}  // namespace lotse::runner::infer
