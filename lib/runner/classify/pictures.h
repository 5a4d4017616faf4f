#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "runner/classify/augment.h"
#include "runner/classify/dataset.h"
#include "runner/media/codec.h"
#include "runner/task/batch.h"
#include "runner/task/kept.h"
#include "runner/task/loader.h"

namespace lotse::runner::classify {

/// What a network is shown of a picture that it is asked about: the shorter side made `side` (with
/// anti-aliasing), the middle square of it.
media::Image centre_square(const media::Image& picture, int side);

/// Pictures to learn from. Their shorter side is at most twice `side`, so that a part of one still
/// has as many pixels as the network takes.
class TrainingPictures : public task::Kept<Item, media::Image> {
 public:
  TrainingPictures(std::vector<Item> items, int side, const task::Keeping& keeping = {});
  int side() const { return side_; }

 private:
  int side_;
};

/// Pictures to judge by, as centre_square.
class Squares : public task::Kept<Item, media::Image> {
 public:
  Squares(std::vector<Item> items, int side, const task::Keeping& keeping = {});
  int side() const { return side_; }

 private:
  int side_;
};

/// Augmented pictures; each depends on nothing but (seed, epoch, index). inputs N x 3 x side x
/// side, bytes, RGB, channels last in memory; targets N, the classes.
task::Batch training_batch(const TrainingPictures& pictures, const std::vector<int64_t>& indices,
                           uint64_t seed, int64_t epoch, const Augmentation& settings,
                           const task::Making& making = {});

/// Has `judge` look at these pictures as they are, `batch` at a time in the form of
/// training_batch, which are made ahead of it. `progress` counts pictures and may be empty.
void look_at(const Squares& squares, const std::vector<int64_t>& indices, int64_t batch,
             const task::Making& making, const std::function<void(const task::Batch&)>& judge,
             const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::classify
