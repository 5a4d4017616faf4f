#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "runner/nn/activation.h"
#include "runner/nn/architecture.h"

/// Files of weights, for every network of these blocks.
namespace lotse::runner::nn {

/// What a .pt of the field or a .safetensors of ours holds, told by content. A state dict may have
/// the prefixes that wrappers leave ("module.", "_orig_mod.", "model."): names here begin with
/// "model.".
struct Weights {
  Weights() = default;
  Weights(Weights&&) = default;
  Weights(const Weights&) = delete;  // `tensors` would point into the other one's

  std::string file;
  checkpoint::Checkpoint read;  ///< what `tensors` point into
  std::map<std::string, const checkpoint::TensorView*> tensors;
  std::map<std::string, std::string> activations;  ///< by module
  nlohmann::json metadata;                         ///< `names` as a list, where the file has one

  std::string task() const;  ///< what the file says it is for, or ""
  /// A parameter's or buffer's shape, or none.
  std::optional<std::vector<int64_t>> shape(const std::string& tensor) const;
  /// The names of the classes; "0", "1", ... if the file has not as many.
  std::vector<std::string> names(int64_t classes) const;
};

/// Of a file that was read already.
Weights weights_of(const std::string& file, checkpoint::Checkpoint read);

/// Throws Error(invalid) "FILE: WHAT".
[[noreturn]] void wrong_weights(const std::string& file, const std::string& what,
                                const std::string& hint = "");

/// "0", "1", ...
std::vector<std::string> numbered_names(int64_t count);

/// Which of the candidates the file is for: told by the shapes, which cannot be wrong, rather than
/// by what the file says about itself. `shapes` makes a candidate on the meta device. Throws
/// Error(invalid) with the closest, also for pictures that are not RGB; `what`: "detectors".
const Architecture& recognise(
    const Weights& weights, const std::vector<Architecture>& candidates,
    const std::function<std::shared_ptr<torch::nn::Module>(const Architecture&)>& shapes,
    const char* what);

struct Transferred {
  int64_t taken = 0;  ///< from the file
  int64_t all = 0;    ///< that the network has
};

/// Copies what fits into the network; everything must if `whole`. Throws Error(invalid) naming the
/// tensor, also for values that are not finite.
Transferred transfer(const Weights& weights, const torch::nn::Module& network, bool whole);

/// The one activation of the file: our own files name it, a .pt has it in its modules; none where
/// it does not say. Throws Error(invalid) for one that is not known here, for several, and where
/// `network` has none.
std::optional<Activation> activation_in(const Weights& weights, const torch::nn::Module& network,
                                        const std::string& architecture);

/// What a file of ours says of its network.
struct Header {
  std::string task, architecture;
  Activation activation;
  std::vector<std::string> names;
};
/// safetensors with the metadata "format" = "lotse 1", "task", "architecture", "activation",
/// "names" (JSON list) and `more`. Atomic.
void write_weights(const std::filesystem::path& path, const torch::nn::Module& network,
                   const Header& header, const std::map<std::string, std::string>& more);

}  // namespace lotse::runner::nn
