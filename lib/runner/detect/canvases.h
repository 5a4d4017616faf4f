#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "runner/detect/pictures.h"
#include "runner/media/letterbox.h"
#include "runner/task/loader.h"

/// Pictures as they are, for measuring how well a model finds what is on them.
namespace lotse::runner::detect {

/// Pictures that go through the network together, and the size of the canvas they all lie on.
struct Canvases {
  int width = 0, height = 0;
  std::vector<int64_t> pictures;
};

/// These pictures in their order, `batch` at a time, on squares.
std::vector<Canvases> square_canvases(const std::vector<int64_t>& pictures, int side,
                                      int64_t batch);

/// All pictures by the ratio of their sides (width, height), `batch` at a time: each batch on the
/// canvas that just holds all of it and half a stride of margin, in whole strides. The margin is
/// the field's, so that mAP compares with what others report.
std::vector<Canvases> fitted_canvases(const std::vector<std::pair<int, int>>& sizes, int side,
                                      int64_t batch, int stride = 32);

/// Memory for bytes, N x height x width x 3, which these pictures' canvases use again and again.
torch::Tensor byte_canvases(const Pictures& pictures, int64_t count, int height, int width,
                            bool pinned);

struct Laid {
  torch::Tensor images;  ///< N x 3 x height x width, bytes, RGB, channels last in memory
  std::vector<media::Letterbox> plans;                 ///< how each picture lies
  std::vector<std::shared_ptr<const Sample>> samples;  ///< the pictures and their boxes
};

/// The pictures in the middle of their canvases, smaller only where they do not fit.
Laid lay(const Pictures& pictures, const Canvases& canvases, const task::Making& making);

}  // namespace lotse::runner::detect
