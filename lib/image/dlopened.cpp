#include "image/dlopened.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lotse::image {

const std::vector<Dlopened>& dlopened_by_runner() {
  static const std::vector<Dlopened> list = {
      {"lotse-runner", "../lib/liblotse-runner.so"},
      {"liblotse-runner.so", "libtorch_cuda.so", true},
      {"libtorch_cuda.so", "libtorch_cuda_linalg.so", true},
      {"libtorch_cuda.so", "libcaffe2_nvrtc.so", true},
      {"libcaffe2_nvrtc.so", "libnvrtc-builtins.so.13.2", true},
      // cuDNN 9 loads its parts when they are first used.
      {"libcudnn.so.9", "libcudnn_graph.so.9", true},
      {"libcudnn.so.9", "libcudnn_ops.so.9", true},
      {"libcudnn.so.9", "libcudnn_cnn.so.9", true},
      {"libcudnn.so.9", "libcudnn_engines_precompiled.so.9", true},
      {"libcudnn.so.9", "libcudnn_engines_runtime_compiled.so.9", true},
      {"libcudnn.so.9", "libcudnn_heuristic.so.9", true},
  };
  return list;
}

const std::vector<Dlopened>& dlopened_by_client() {
  static const std::vector<Dlopened> list = {{"lotse", "libcurl.so.4"}};
  return list;
}

bool is_of_driver(const std::string& name) {
  constexpr std::array<std::string_view, 2> names = {"libcuda.so.1", "libnvidia-ml.so.1"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace lotse::image
