#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/modes.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/detect/load.h"
#include "runner/device.h"
#include "runner/nn/tensors.h"

namespace lotse::cli::runner {

namespace {

namespace detect = lotse::runner::detect;
namespace nn = lotse::runner::nn;
using Named = std::vector<std::pair<std::string, torch::Tensor>>;

torch::Tensor read_images(const std::string& file) {
  const auto read = nn::read_tensors(file);
  const auto found = read.tensors.find("images");
  if (found == read.tensors.end()) throw base::Error({{file, "holds no tensor 'images'", ""}});
  const auto& images = found->second;
  const bool right = images.dim() == 4 && images.size(1) == 3 && images.size(2) % 32 == 0 &&
                     images.size(3) % 32 == 0 && images.numel() > 0 && images.is_floating_point();
  if (!right)
    throw base::Error({{file, base::cat("'images' is ", images.sizes(), ", not N x 3 x H x W"),
                        "Floats from 0 to 1; H and W are multiples of 32."}});
  return images.to(torch::kFloat);
}

/// "one_to_one.boxes.0", ... as the heads say them; "one_to_one.decoded.boxes" in pixels.
void add(Named& into, const std::string& head, const std::optional<detect::HeadOutputs>& outputs,
         const detect::Detector& detector) {
  if (!outputs) return;
  for (std::size_t level = 0; level < outputs->boxes.size(); ++level) {
    into.emplace_back(head + ".boxes." + std::to_string(level), outputs->boxes[level]);
    into.emplace_back(head + ".scores." + std::to_string(level), outputs->scores[level]);
  }
  const auto decoded = detect::decode(*outputs, detector.strides(), detector.reg_max());
  into.emplace_back(head + ".decoded.boxes", decoded.boxes);
  into.emplace_back(head + ".decoded.scores", decoded.scores());
}

}  // namespace

int run_forward(const contract::ForwardOptions& options, Output& output) {
  lotse::runner::set_threads(options.threads);
  const auto images = read_images(contract::resolve_file(options.input).string());
  const auto loaded = detect::load_model(contract::resolve_file(options.model).string(),
                                         static_cast<uint64_t>(options.seed));
  auto& detector = *loaded.detector;
  if (options.fused) detector.fuse();
  const torch::NoGradGuard no_gradients;
  const auto outputs = detector.forward(images);
  Named tensors;
  add(tensors, "one_to_many", outputs.one_to_many, detector);
  add(tensors, "one_to_one", outputs.one_to_one, detector);
  const auto file = contract::resolve_file(options.output);
  nn::write_tensors(file, tensors, {{"architecture", detector.architecture().name}});
  output.print(
      {"result", "wrote " + file.string(), {{"path", file.string()}, {"tensors", tensors.size()}}});
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
