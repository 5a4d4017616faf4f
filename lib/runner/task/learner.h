#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "contract/options.h"
#include "runner/dist/group.h"
#include "runner/task/batch.h"
#include "runner/task/progress.h"

namespace lotse::runner::task {

/// Where a family trains, as this rank sees it.
struct Place {
  torch::Device device = torch::kCPU;
  int64_t threads = 1;
  bool bf16 = false;  ///< the forward pass in bfloat16, where libtorch considers that safe
  bool leads = true;  ///< rank 0 alone tells how far it is
  Emit emit;
};

/// What a validation measures; more is better.
struct Metric {
  std::string name;   ///< in JSON and in files: "map50"
  std::string label;  ///< for people: "mAP50"
};

/// A part of what is minimised, as a sum over this rank's examples.
struct LossTerm {
  torch::Tensor sum;
  double gain = 1;
};

/// What one head of a model is to be blamed for. With N ranks or with one that has all the examples
/// the loss is the same: part * sum of gain * sum / n over the terms, where n is the weight of all
/// ranks together, at least 1.
struct HeadLoss {
  std::vector<LossTerm> terms;  ///< as Learner::loss_names()
  torch::Tensor weight;         ///< a number, no gradient
  double part = 1;              ///< of the total loss
};

/// The port between training and a family of models: data, a model that learns, another one of the
/// same shape for its averaged weights, what they get wrong, and how good they are. Which examples
/// make a batch, in which order, which step follows, and what is written when is training's.
/// Functions throw base::Error.
class Learner {
 public:
  virtual ~Learner() = default;

  /// Its family's, whose options are told when training begins; "": all.
  virtual std::string task() const { return ""; }

  virtual torch::nn::Module& model() = 0;
  virtual torch::nn::Module& averaged() = 0;
  /// Puts `model` into the state in which it learns.
  virtual void begin_learning() = 0;

  virtual int64_t examples() const = 0;
  virtual int64_t validation_examples() const = 0;
  /// How many things are told apart; `--optimizer auto` takes its rate from it.
  virtual int64_t classes() const = 0;

  /// These examples, which are this rank's share of the epoch's `batch`-th batch. Thread-safe, and
  /// a function of its arguments alone.
  virtual Batch training_batch(const std::vector<int64_t>& indices, int64_t epoch,
                               int64_t batch) const = 0;

  virtual std::vector<std::string> loss_names() const = 0;
  /// The losses of a batch, one of each head; the last one is that of the head which is used
  /// afterwards, and is shown. Every rank has as many.
  virtual std::vector<HeadLoss> losses(const Batch& batch, int64_t epoch) = 0;
  /// What the total loss is multiplied by before its gradient is taken, so that learning rates mean
  /// what they mean elsewhere: `batch` examples of all ranks for detectors, 1 for classifiers.
  virtual double gradient_scale(int64_t batch) const { return static_cast<double>(batch); }
  /// By how much faster MuSGD moves a parameter.
  virtual double musgd_rate(const std::string& /*parameter*/) const { return 1; }

  /// The last one is the one that "best" follows.
  virtual std::vector<Metric> metrics() const = 0;
  /// The values of metrics(), of `averaged` on all examples for validation, each rank taking its
  /// share in batches of `batch`; the same on every rank. What `progress` throws ends it.
  virtual std::vector<double> validate(
      int64_t batch, dist::Group& group,
      const std::function<void(int64_t done, int64_t total)>& progress) = 0;

  /// The averaged weights, with `more` in the file's metadata. Atomic.
  virtual void save(const std::filesystem::path& path,
                    const std::map<std::string, std::string>& more) const = 0;

  /// What, beside the options, must be the same for a run to be the same run.
  virtual nlohmann::json identity() const = 0;
  /// "yolo26n (4 classes) on 120 pictures at 160 px"
  virtual std::string describe() const = 0;
  /// The same as members of the start event.
  virtual nlohmann::json description() const = 0;
};

/// Reads the data and builds the models. Throws Error(invalid) for mistakes in either, and writes
/// nothing.
using MakeLearner =
    std::function<std::unique_ptr<Learner>(const contract::TrainOptions& options, const Place&)>;

}  // namespace lotse::runner::task
