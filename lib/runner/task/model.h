#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "contract/event.h"
#include "runner/task/signature.h"

namespace lotse::runner::task {

/// A network gave what its family cannot make anything of: another shape, values out of their
/// range. The model is at fault, never who asked; kind invalid.
class OutputError : public base::Error {
 public:
  explicit OutputError(const std::string& what)
      : base::Error(base::ErrorKind::invalid, "the model's output is wrong: " + what) {}
};

/// What computes: tensors in, tensors out, in the order of the model's signature. Inputs may be on
/// any device. One call at a time.
class Network {
 public:
  virtual ~Network() = default;
  virtual Tensors forward(const Tensors& inputs) = 0;
  /// Parameters and buffers by name, for tracing; none where there is nothing to trace any more.
  virtual std::vector<std::pair<std::string, torch::Tensor>> state() const { return {}; }
  /// Faster from now on where that is possible, but no longer to be traced; state() is lost.
  virtual void pack() {}
};

/// What a model is, for people, for events and for the file that it is exported to.
struct ModelInfo {
  std::string task;                ///< its family's
  std::string source;              ///< the file, or the architecture's name
  std::string architecture;        ///< "yolo26n"
  std::string precision = "fp32";  ///< fp32, bf16, fp16
  torch::Device device = torch::kCPU;
  bool fresh = false;     ///< weights by seed, not from a file
  bool exported = false;  ///< a graph, whose sizes are those of its signature
  int64_t batch = 0;      ///< the examples that a graph takes at a time; 0: any number
  /// What else is told of it wherever its name is told: {"head", "o2o"}.
  std::vector<std::pair<std::string, std::string>> traits = {};
  /// What its family must know to use it, and whoever else uses an exported file: {"names": [...],
  /// "imgsz": 640}.
  nlohmann::json about = nlohmann::json::object();
  /// What users should know before they use it.
  std::vector<contract::Event> warnings = {};
};

/// A model that is ready to answer, be it weights or an exported graph, and what its family knows
/// of its tensors. Not thread-safe.
class Model {
 public:
  Model(std::unique_ptr<Network> network, ModelInfo info);
  virtual ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelInfo& info() const { return info_; }
  Network& network() { return *network_; }

  /// What forward() takes and gives.
  virtual Signature signature() const = 0;
  /// Inputs for `batch` examples of the sizes that the model is for; other values for another seed.
  /// To warm it up, to trace it and to compare two of it.
  virtual Tensors example(int64_t batch, uint64_t seed) const = 0;
  /// What of two outputs for the same input must be the same, up to rounding.
  virtual Tensors comparable(const Tensors& outputs) const { return outputs; }

  /// The outputs of the network, on the CPU, for any number of examples: a graph that takes `batch`
  /// at a time gets as many, the last ones filled up with zeros. Throws OutputError where as many
  /// tensors as the signature has do not come back, each for as many examples.
  Tensors forward(const Tensors& inputs);

 private:
  Tensors call(const Tensors& inputs, int64_t examples);

  std::unique_ptr<Network> network_;
  ModelInfo info_;
};

/// Throws OutputError unless these are what the signature says, every number finite.
void check_outputs(const Tensors& outputs, const Signature& signature, int64_t examples);

/// The extra file of an exported graph that says what it is, and its content: "format", "task",
/// "architecture", "precision", "batch", "inputs", "outputs", the traits and what `about` has.
inline constexpr auto export_metadata = "lotse.json";
nlohmann::json to_metadata(const ModelInfo& info, const Signature& signature);

}  // namespace lotse::runner::task
