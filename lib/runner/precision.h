#pragma once
#include <torch/torch.h>

#include <string>

namespace lotse::runner {

/// Whether this processor multiplies bfloat16 itself, within what ONEDNN_MAX_CPU_ISA allows oneDNN
/// to use. Where it does not, oneDNN emulates bfloat16, many times slower than fp32.
bool multiplies_bf16();

/// "auto" becomes the fastest format of the device: `on_gpu` on a GPU, on a CPU bf16 where that is
/// multiplied, else fp32. Anything else stays; emulated bf16 is warned about. Throws Error(invalid)
/// for fp16 on a CPU.
std::string choose_precision(const std::string& wanted, const torch::Device& device,
                             const std::string& on_gpu);

/// "fp32", "bf16", "fp16".
torch::ScalarType scalar_type(const std::string& precision);

/// One line of warning where `precision` is bf16 and this CPU emulates it, with what that costs:
/// one layer is timed in both formats, which takes well under a second. `instead` says what to do.
void warn_if_emulated(const std::string& precision, const torch::Device& device,
                      const std::string& instead);

}  // namespace lotse::runner
