#include "runner/precision.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace lotse::runner {

namespace {

/// The newer name of the variable counts, as in oneDNN.
std::string isa_limit() {
  for (const auto* name : {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
      return base::lower(value);
  return "default";
}

/// Milliseconds of one 3 x 3 convolution over 40 x 40 places, the second time: a layer in the
/// middle of the smallest detectors.
double time_layer(torch::ScalarType type) {
  using Clock = std::chrono::steady_clock;
  const torch::NoGradGuard no_gradients;
  const auto tensor = [type](torch::IntArrayRef sizes) {
    return torch::full(sizes, 0.5, torch::TensorOptions().dtype(type))
        .contiguous(at::MemoryFormat::ChannelsLast);
  };
  const auto pictures = tensor({1, 32, 40, 40}), weight = tensor({32, 32, 3, 3});
  double taken = 0;
  for (int i = 0; i < 2; ++i) {
    const auto start = Clock::now();
    torch::conv2d(pictures, weight, {}, 1, 1);
    taken = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }
  return taken;
}

}  // namespace

bool multiplies_bf16() {
  // Every processor with AMX has AVX512_BF16 too. oneDNN's names below it, from its cpu_isa.
  constexpr std::array lesser = {
      "sse41", "avx", "avx2", "avx2_vnni", "avx2_vnni_2", "avx512_core", "avx512_core_vnni"};
  return __builtin_cpu_supports("avx512bf16") &&
         std::find(lesser.begin(), lesser.end(), isa_limit()) == lesser.end();
}

void warn_if_emulated(const std::string& precision, const torch::Device& device,
                      const std::string& instead) {
  if (precision != "bf16" || !device.is_cpu() || multiplies_bf16()) return;
  const double fp32 = time_layer(torch::kFloat), bf16 = time_layer(torch::kBFloat16);
  base::log_warning(base::cat(
      "this processor emulates bf16, having neither AVX512_BF16 nor AMX: one layer takes ",
      base::fixed(bf16, 1), " ms, in fp32 ", base::fixed(fp32, 1), " ms; ", instead));
}

torch::ScalarType scalar_type(const std::string& precision) {
  if (precision == "bf16") return torch::kBFloat16;
  return precision == "fp16" ? torch::kHalf : torch::kFloat;
}

std::string choose_precision(const std::string& wanted, const torch::Device& device,
                             const std::string& on_gpu) {
  if (wanted == "fp16" && !device.is_cuda())
    throw base::Error(base::ErrorKind::invalid, "precision fp16 needs a GPU", "Take bf16 or fp32.");
  warn_if_emulated(wanted, device, "take --precision auto or fp32");
  if (wanted != "auto") return wanted;
  if (device.is_cuda()) return on_gpu;
  return multiplies_bf16() ? "bf16" : "fp32";
}

}  // namespace lotse::runner
