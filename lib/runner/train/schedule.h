#pragma once
#include <cstdint>

#include "contract/options.h"
#include "runner/train/optimizer.h"

namespace lotse::runner::train {

/// The learning rates and the number of batches a step, as functions of how far the run has come.
struct Schedule {
  Rule rule = Rule::sgd;
  double lr0 = 0.01, lrf = 0.01, momentum = 0.9;
  double warmup_momentum = 0.8;
  double warmup_bias_rate = 0.1;    ///< biases warm up from here downwards, the rest from 0
  double weight_decay = 0;          ///< already scaled to batch and accumulation
  int64_t epochs = 1, batches = 1;  ///< batches an epoch
  int64_t warmup_batches = 0;
  int64_t accumulate = 1;  ///< batches between optimizer steps, after the warm-up
  bool cosine = false;

  /// `iteration`: batches done since the beginning.
  Optimizer::Rates rates(int64_t iteration) const;
  int64_t accumulate_at(int64_t iteration) const;
};

/// Optimizer "auto": AdamW with lr 0.002 * 5 / (4 + classes) and momentum 0.9, or for more than
/// 10,000 steps MuSGD with lr 0.01. Warm-up at most all epochs but one.
Schedule make_schedule(const contract::TrainOptions& options, int64_t pictures, int64_t classes);

}  // namespace lotse::runner::train
