#include "runner/nn/tensors.h"

#include <array>

#include "base/error.h"
#include "checkpoint/checkpoint.h"
#include "runner/nn/convert.h"

namespace lotse::runner::nn {

namespace {

using checkpoint::DType;

constexpr std::array<std::pair<DType, torch::ScalarType>, 10> types = {
    {{DType::f64, torch::kDouble},
     {DType::f32, torch::kFloat},
     {DType::f16, torch::kHalf},
     {DType::bf16, torch::kBFloat16},
     {DType::i64, torch::kLong},
     {DType::i32, torch::kInt},
     {DType::i16, torch::kShort},
     {DType::i8, torch::kChar},
     {DType::u8, torch::kByte},
     {DType::boolean, torch::kBool}}};

torch::ScalarType torch_type(DType dtype) {
  for (const auto& [ours, theirs] : types) {
    if (ours == dtype) return theirs;
  }
  return torch::kFloat;
}

DType file_type(const torch::Tensor& tensor, const std::string& name) {
  for (const auto& [ours, theirs] : types) {
    if (theirs == tensor.scalar_type()) return ours;
  }
  throw base::Error(base::ErrorKind::failed, "tensor '" + name + "' has a type that files lack");
}

constexpr uint64_t golden = 0x9E3779B97F4A7C15;

uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

uint64_t fnv1a(const std::string& key) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char one : key) hash = (hash ^ static_cast<unsigned char>(one)) * 0x100000001b3;
  return hash;
}

}  // namespace

torch::Tensor to_torch(const checkpoint::TensorView& view) {
  const auto options = torch::TensorOptions().dtype(torch_type(view.dtype));
  if (view.bytes.empty()) return torch::empty(view.shape, options);
  // In a .pt file other than torch.save's own, data may lie unaligned; that is copied first.
  const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
  if (address % checkpoint::size_of(view.dtype) != 0) {
    const auto held = static_cast<int64_t>(view.bytes.size() / checkpoint::size_of(view.dtype));
    auto raw = torch::empty({held}, options);
    std::memcpy(raw.data_ptr(), view.bytes.data(), view.bytes.size());
    return raw.as_strided(view.shape, view.strides).clone(torch::MemoryFormat::Contiguous);
  }
  void* data = const_cast<char*>(view.bytes.data());
  return torch::from_blob(data, view.shape, view.strides, options)
      .clone(torch::MemoryFormat::Contiguous);
}

TensorFile read_tensors(const std::filesystem::path& path) {
  const auto file = checkpoint::read_safetensors(path);
  TensorFile result;
  for (const auto& [name, view] : file.tensors) result.tensors.emplace(name, to_torch(view));
  for (const auto& [key, value] : file.metadata.items())
    result.metadata.emplace(key, value.get<std::string>());
  return result;
}

void write_tensors(const std::filesystem::path& path,
                   const std::vector<std::pair<std::string, torch::Tensor>>& tensors,
                   const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, checkpoint::TensorView>> views;
  std::vector<torch::Tensor> kept;  // what the views point into
  for (const auto& [name, tensor] : tensors) {
    kept.push_back(tensor.detach().cpu().contiguous());
    const auto& own = kept.back();
    const std::string_view bytes(static_cast<const char*>(own.data_ptr()), own.nbytes());
    views.emplace_back(name, checkpoint::TensorView{file_type(own, name), own.sizes().vec(),
                                                    own.strides().vec(), bytes});
  }
  checkpoint::write_safetensors(path, views, metadata);
}

void fill_uniform(torch::Tensor& tensor, const std::string& key, uint64_t seed, double low,
                  double high) {
  const torch::NoGradGuard no_gradients;
  const uint64_t base = fnv1a(key) ^ mix(seed + golden);
  auto values = torch::empty(tensor.sizes());
  auto* out = values.data_ptr<float>();
  const auto count = static_cast<uint64_t>(values.numel());
  for (uint64_t i = 0; i < count; ++i) {
    const auto bits = static_cast<double>(mix(base + (i + 1) * golden) >> 40);
    out[i] = static_cast<float>(low + (high - low) * (bits / 16777216.0));
  }
  tensor.copy_(values);
}

std::vector<std::pair<std::string, torch::Tensor>> state(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, torch::Tensor>> result;
  const std::function<void(const torch::nn::Module&, const std::string&)> walk =
      [&](const torch::nn::Module& one, const std::string& prefix) {
        for (const auto& own : one.named_parameters(false))
          result.emplace_back(prefix + own.key(), own.value());
        for (const auto& own : one.named_buffers(false))
          result.emplace_back(prefix + own.key(), own.value());
        for (const auto& child : one.named_children())
          walk(*child.value(), prefix + child.key() + ".");
      };
  walk(module, "");
  return result;
}

}  // namespace lotse::runner::nn
