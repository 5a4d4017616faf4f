#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lotse::checkpoint {

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

std::size_t size_of(DType dtype);       ///< bytes an element
std::string_view name_of(DType dtype);  ///< as in safetensors: "F32", "BF16", "I64", "BOOL"

/// Values that lie in a file mapped into memory.
struct TensorView {
  DType dtype = DType::f32;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;  ///< in elements
  std::string_view bytes;        ///< little-endian, from the first element to the last one reached

  int64_t elements() const;
  bool contiguous() const;  ///< row-major without gaps
};

/// What a weights file holds. `tensors` point into `mapping`.
struct Checkpoint {
  std::shared_ptr<const void> mapping;
  std::vector<std::pair<std::string, TensorView>> tensors;  ///< in the file's order, names unique
  nlohmann::json metadata = nlohmann::json::object();
  /// Of a .pt with modules: what each module has under the name "act", by the module's name without
  /// a dot behind: "model.0" has "SiLU", "LeakyReLU(negative_slope=0.1)", "Identity". A class that
  /// is not one of PyTorch's activations has its full name.
  std::map<std::string, std::string> activations;
};

/// A file that torch.save wrote from an Ultralytics detector, or from a plain state dict. Nothing
/// in it is executed. Tensors have state-dict names; those of `ema` are preferred to those of
/// `model`. Metadata: epoch, date, version, license, train_args, train_metrics, names, nc, stride,
/// yaml, as far as they are there and plain; task ("obb", "segment", "pose", "classify") where a
/// module's class says that the file is for another than boxes. Throws Error(invalid) with the file
/// and what is wrong where in it.
Checkpoint read_pt(const std::filesystem::path& path);

/// Metadata: the header's "__metadata__", strings only. Throws Error(invalid) as above.
Checkpoint read_safetensors(const std::filesystem::path& path);

/// Either, told by content.
Checkpoint read(const std::filesystem::path& path);

/// Tensors must be contiguous. In the order given, data aligned to 64 bytes, atomic; the same
/// content makes the same bytes.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, TensorView>>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace lotse::checkpoint
