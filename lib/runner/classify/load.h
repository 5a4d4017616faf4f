#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runner/classify/classifier.h"
#include "runner/nn/weights.h"
#include "runner/task/source.h"

namespace lotse::runner::classify {

struct LoadedModel {
  std::shared_ptr<Classifier> classifier;  ///< on the CPU, fp32, in eval mode
  std::vector<std::string> names;          ///< of the classes
  nlohmann::json metadata;  ///< what else the file says: epoch, imgsz, ...; {} if fresh
  std::string source;       ///< the file, or the architecture's name if fresh
  bool fresh = false;       ///< weights by seed, not from a file
  int64_t transferred = 0;  ///< tensors taken from the file
  int64_t tensors = 0;      ///< tensors of the model
};

/// Fresh weights; ImageNet's number of classes unless there are names.
LoadedModel make_model(const std::string& architecture, uint64_t seed,
                       std::vector<std::string> names = {});

/// A name (fresh weights) or weights. With `names` the model is for those classes: tensors whose
/// shape fits are taken, the others stay fresh by `seed`. Without, every tensor must be there and
/// fit. Throws Error(invalid) naming file and tensor.
LoadedModel load_model(const task::Source& source, uint64_t seed = 0,
                       const std::optional<std::vector<std::string>>& names = {});

/// How many classes the head of a classifier in the file has; nothing where it has none.
std::optional<int64_t> head_classes(const nn::Weights& weights);

/// nn::write_weights for the task "classify". The model must not be fused.
void save_weights(const Classifier& classifier, const std::vector<std::string>& names,
                  const std::filesystem::path& path,
                  const std::map<std::string, std::string>& more = {});

}  // namespace lotse::runner::classify
