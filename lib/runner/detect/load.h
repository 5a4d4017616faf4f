#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runner/detect/detector.h"
#include "runner/task/source.h"

namespace lotse::runner::detect {

struct LoadedModel {
  std::shared_ptr<Detector> detector;  ///< on the CPU, fp32, in eval mode
  std::vector<std::string> names;      ///< of the classes
  nlohmann::json metadata;      ///< what else the file says: epoch, train_args, ...; {} if fresh
  std::string source;           ///< the file, or the architecture's name if fresh
  bool fresh = false;           ///< weights by seed, not from a file
  std::string task = "detect";  ///< what the file is for; "segment" and "pose" also find boxes
  int64_t transferred = 0;      ///< tensors taken from the file
  int64_t tensors = 0;          ///< tensors of the model
};

/// Fresh weights. Names: "0", "1", ... unless given; their number is the number of classes.
LoadedModel make_model(const std::string& architecture, uint64_t seed,
                       std::vector<std::string> names = {});

/// `model`: an architecture's name (fresh weights, COCO's 80 classes unless `names`) or a weights
/// file
/// (.pt of Ultralytics, .safetensors of ours; told by content). With `names` the model is for those
/// classes: tensors whose shape fits are taken, the others stay fresh by `seed`. Without, every
/// tensor must be there and fit. A state dict may have the prefixes that wrappers leave ("module.",
/// "_orig_mod.", "model."). The activation is the file's own. Throws Error(invalid) naming file and
/// tensor, also for values that are not finite, for boxes that are turned (OBB), for pictures that
/// are not RGB and for an activation that is not known.
LoadedModel load_model(const task::Source& model, uint64_t seed = 0,
                       const std::optional<std::vector<std::string>>& names = {});
LoadedModel load_model(const std::string& model, uint64_t seed = 0,
                       const std::optional<std::vector<std::string>>& names = {});

/// Whether a source is a detector's, or at least finds boxes: by its name, by what a file says of
/// itself, else by the tensors of a head.
bool is_detector(const task::Source& source);

/// nn::write_weights for the task "detect". The model must not be fused.
void save_weights(const Detector& detector, const std::vector<std::string>& names,
                  const std::filesystem::path& path,
                  const std::map<std::string, std::string>& more = {});

}  // namespace lotse::runner::detect
