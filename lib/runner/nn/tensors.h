#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lotse::runner::nn {

/// A file of named tensors, for weights and for what training must remember.
struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;  ///< on the CPU, own memory, dtype as stored
  std::map<std::string, std::string> metadata;
};

/// Reads a safetensors file. Throws Error(invalid) naming the file.
TensorFile read_tensors(const std::filesystem::path& path);
/// Writes a safetensors file in one step; the same content gives the same bytes. Tensors may be on
/// any device.
void write_tensors(const std::filesystem::path& path,
                   const std::vector<std::pair<std::string, torch::Tensor>>& tensors,
                   const std::map<std::string, std::string>& metadata = {});

/// A module's parameters and buffers by name, in the order in which they were registered.
std::vector<std::pair<std::string, torch::Tensor>> state(const torch::nn::Module& module);

/// Fills a CPU tensor with values in [low, high) that depend on nothing but key, seed and index, on
/// every machine:
///   h = FNV-1a 64 of key;  s = mix(seed + G);  x_i = mix((h ^ s) + (i + 1) * G), mod 2^64;
///   value_i = low + (high - low) * (x_i >> 40) / 2^24, in double, then rounded to the tensor's
///   type;
/// G = 0x9E3779B97F4A7C15 and mix is SplitMix64's output function (Steele, Lea, Flood 2014). `i`
/// counts in row-major order.
void fill_uniform(torch::Tensor& tensor, const std::string& key, uint64_t seed, double low,
                  double high);

}  // namespace lotse::runner::nn
