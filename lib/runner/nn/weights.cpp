#include "runner/nn/weights.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/blocks.h"
#include "runner/nn/convert.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::nn {

namespace {

using checkpoint::Checkpoint;
using nlohmann::json;

constexpr auto format_name = "lotse 1";
constexpr auto first_tensor = "model.0.conv.weight";

/// Buffers that a fresh network has right already, so that their absence is no loss.
bool may_be_absent(std::string_view name) {
  return name.ends_with("num_batches_tracked");
}

/// What stands before "0.conv.weight", the first tensor of every network known here: "model.", or
/// what a wrapper of it has made of that ("module.model.", "_orig_mod.model.model.").
std::string prefix_in(const Checkpoint& read) {
  constexpr std::string_view first = "0.conv.weight";
  for (const auto& [name, view] : read.tensors) {
    if (!name.ends_with(first)) continue;
    auto parts = base::split(name.substr(0, name.size() - first.size()), '.');
    parts.pop_back();  // what is behind the last dot: nothing
    const bool wrappers = std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
      return part == "model" || part == "module" || part == "_orig_mod";
    });
    if (wrappers) return name.substr(0, name.size() - first.size());
  }
  return "model.";
}

/// "model." and what is behind the prefix; nothing for a name without it.
std::optional<std::string> plain_name(const std::string& name, const std::string& prefix) {
  if (!name.starts_with(prefix)) return {};
  return "model." + name.substr(prefix.size());
}

json own_metadata(const Checkpoint& read) {
  json metadata = read.metadata;
  if (metadata.contains("names") && metadata["names"].is_string())
    metadata["names"] = json::parse(metadata["names"].get<std::string>(), nullptr, false);
  return metadata;
}

void check_rgb(const Weights& weights) {
  const auto first = weights.shape(first_tensor);
  if (!first || first->size() != 4)
    wrong_weights(weights.file,
                  base::cat("holds no model known here: it has no tensor '", first_tensor, "'"));
  if (const auto channels = first->at(1); channels != 3)
    wrong_weights(weights.file,
                  base::cat("takes pictures of ", channels,
                            channels == 1 ? " channel (grayscale)" : " channels", ": tensor '",
                            first_tensor, "'"),
                  "Only RGB is known here: train it again with channels: 3.");
}

/// How many of the network's tensors are in the file with the right shape, and how many there are.
Transferred fits(const Weights& weights, const torch::nn::Module& network) {
  Transferred result;
  for (const auto& [name, tensor] : state(network)) {
    if (may_be_absent(name)) continue;
    ++result.all;
    const auto shape = weights.shape(name);
    if (shape && tensor.sizes() == torch::IntArrayRef(*shape)) ++result.taken;
  }
  return result;
}

/// The one that the file says it is for comes first: of two with the same shapes it is the one.
std::vector<std::reference_wrapper<const Architecture>> named_first(
    const Weights& weights, const std::vector<Architecture>& candidates) {
  std::vector<std::reference_wrapper<const Architecture>> all(candidates.begin(), candidates.end());
  const auto said = weights.metadata.find("architecture");
  if (said != weights.metadata.end())
    std::stable_partition(all.begin(), all.end(),
                          [&](const Architecture& one) { return *said == one.name; });
  return all;
}

void check_finite(const torch::Tensor& values, const std::string& name, const std::string& file) {
  if (values.is_floating_point() && !torch::isfinite(values).all().item<bool>())
    wrong_weights(file, "tensor '" + name + "' holds values that are not finite",
                  "Training that gave it diverged: take an earlier checkpoint.");
}

/// What the modules of a .pt say, which must be one and where the network has one.
std::string activation_of_modules(const Weights& weights, const torch::nn::Module& network,
                                  const std::string& architecture) {
  std::string text;
  std::string from;  // the module that has it
  for (const auto& named : network.named_modules("", false)) {
    const auto* conv = dynamic_cast<const Conv*>(named.value().get());
    const auto found = weights.activations.find(named.key());
    if (conv == nullptr || found == weights.activations.end()) continue;
    if (conv->activates() != (found->second != "Identity"))
      wrong_weights(weights.file, "module '" + named.key() + "' has the activation " +
                                      found->second + ", " + architecture +
                                      (conv->activates() ? " has one" : " has none") + " there");
    if (!conv->activates()) continue;
    if (!text.empty() && text != found->second)
      wrong_weights(weights.file, "module '" + from + "' has the activation " + text + ", '" +
                                      named.key() + "' " + found->second +
                                      ": only one in a model is known here");
    text = found->second;
    from = named.key();
  }
  return text;
}

}  // namespace

std::string Weights::task() const {
  const auto found = metadata.find("task");
  return found != metadata.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::vector<int64_t>> Weights::shape(const std::string& tensor) const {
  const auto found = tensors.find(tensor);
  if (found == tensors.end()) return {};
  return found->second->shape;
}

std::vector<std::string> Weights::names(int64_t classes) const {
  const auto found = metadata.find("names");
  const bool usable =
      found != metadata.end() && found->is_array() &&
      found->size() == static_cast<std::size_t>(classes) &&
      std::all_of(found->begin(), found->end(), [](auto& n) { return n.is_string(); });
  return usable ? found->get<std::vector<std::string>>() : numbered_names(classes);
}

Weights weights_of(const std::string& file, Checkpoint read) {
  Weights weights;
  weights.file = file;
  weights.read = std::move(read);
  const auto prefix = prefix_in(weights.read);
  for (const auto& [name, view] : weights.read.tensors)
    if (const auto plain = plain_name(name, prefix)) weights.tensors.emplace(*plain, &view);
  for (const auto& [module, activation] : weights.read.activations)
    if (const auto name = plain_name(module, prefix)) weights.activations[*name] = activation;
  weights.metadata = own_metadata(weights.read);
  return weights;
}

void wrong_weights(const std::string& file, const std::string& what, const std::string& hint) {
  throw base::Error(base::ErrorKind::invalid, file + ": " + what, hint);
}

std::vector<std::string> numbered_names(int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

const Architecture& recognise(
    const Weights& weights, const std::vector<Architecture>& candidates,
    const std::function<std::shared_ptr<torch::nn::Module>(const Architecture&)>& shapes,
    const char* what) {
  check_rgb(weights);
  const Architecture* best = nullptr;
  double most = 0;
  for (const Architecture& candidate : named_first(weights, candidates)) {
    const auto fit = fits(weights, *shapes(candidate));
    if (fit.taken == fit.all) return candidate;
    const double part = static_cast<double>(fit.taken) / static_cast<double>(fit.all);
    if (part > most) best = &candidate;
    most = std::max(most, part);
  }
  const auto near = best == nullptr
                        ? std::string()
                        : base::cat("; the closest is ", best->name, ", of which ",
                                    base::fixed(100 * most, 0), " % of the tensors fit");
  wrong_weights(weights.file, base::cat("is none of the ", what, " known here", near),
                base::cat("Known are YOLO26, YOLO11 and YOLOv8 ", what,
                          " in sizes n, s, m, l and x, not fused."));
}

Transferred transfer(const Weights& weights, const torch::nn::Module& network, bool whole) {
  const torch::NoGradGuard no_gradients;
  Transferred result;
  for (auto& [name, tensor] : state(network)) {
    ++result.all;
    const auto found = weights.tensors.find(name);
    const bool fits = found != weights.tensors.end() &&
                      tensor.sizes() == torch::IntArrayRef(found->second->shape);
    if (!fits) {
      if (whole && !may_be_absent(name))
        wrong_weights(weights.file, "tensor '" + name + "' is not there");
      continue;
    }
    const auto values = to_torch(*found->second);
    check_finite(values, name, weights.file);
    tensor.copy_(values);
    ++result.taken;
  }
  return result;
}

std::optional<Activation> activation_in(const Weights& weights, const torch::nn::Module& network,
                                        const std::string& architecture) {
  auto text = activation_of_modules(weights, network, architecture);
  const auto named = weights.metadata.find("activation");
  if (text.empty() && named != weights.metadata.end() && named->is_string())
    text = named->get<std::string>();
  if (text.empty()) return {};  // a state dict does not say: the families' own
  const auto known = parse_activation(text);
  if (!known)
    wrong_weights(weights.file, "the activation " + text + " is not known here",
                  "Known are SiLU, ReLU, ReLU6, LeakyReLU, Hardswish, GELU, Mish, ELU, Sigmoid and "
                  "Tanh.");
  return known;
}

void write_weights(const std::filesystem::path& path, const torch::nn::Module& network,
                   const Header& header, const std::map<std::string, std::string>& more) {
  auto metadata = more;
  metadata["format"] = format_name;
  metadata["task"] = header.task;
  metadata["architecture"] = header.architecture;
  metadata["activation"] = to_text(header.activation);
  metadata["names"] = json(header.names).dump();
  write_tensors(path, state(network), metadata);
}

}  // namespace lotse::runner::nn
