#include "runner/train/schedule.h"

#include <algorithm>
#include <cmath>

namespace lotse::runner::train {

namespace {

double between(double from, double to, double part) {
  return from + (to - from) * part;
}

}  // namespace

Optimizer::Rates Schedule::rates(int64_t iteration) const {
  const int64_t epoch = iteration / batches;
  const double past = static_cast<double>(epoch) / static_cast<double>(epochs);
  const double factor = cosine ? between(1, lrf, (1 - std::cos(past * M_PI)) / 2)
                               : std::max(1 - past, 0.0) * (1 - lrf) + lrf;
  Optimizer::Rates rates{lr0 * factor, lr0 * factor, momentum};
  if (iteration < warmup_batches) {
    const double part = static_cast<double>(iteration) / static_cast<double>(warmup_batches);
    rates = {between(0, rates.weights, part), between(warmup_bias_rate, rates.biases, part),
             between(warmup_momentum, momentum, part)};
  }
  return rates;
}

int64_t Schedule::accumulate_at(int64_t iteration) const {
  if (iteration >= warmup_batches) return accumulate;
  const double part = static_cast<double>(iteration) / static_cast<double>(warmup_batches);
  return std::max<int64_t>(1, std::llround(between(1, static_cast<double>(accumulate), part)));
}

Schedule make_schedule(const contract::TrainOptions& options, int64_t pictures, int64_t classes) {
  Schedule schedule;
  const auto n = static_cast<double>(pictures), batch = static_cast<double>(options.batch),
             nominal = static_cast<double>(options.nominal_batch);
  schedule.epochs = options.epochs;
  schedule.batches = (pictures + options.batch - 1) / options.batch;
  schedule.cosine = options.cosine;
  schedule.accumulate = std::max<int64_t>(1, std::llround(nominal / batch));
  schedule.weight_decay =
      options.weight_decay * batch * static_cast<double>(schedule.accumulate) / nominal;
  const double warmup = std::min(options.warmup_epochs, static_cast<double>(options.epochs - 1));
  schedule.warmup_batches = std::llround(warmup * static_cast<double>(schedule.batches));
  schedule.lr0 = options.lr0;
  schedule.lrf = options.lrf;
  schedule.momentum = options.momentum;
  schedule.warmup_momentum = options.warmup_momentum;
  if (options.optimizer == "auto") {
    const double steps =
        std::ceil(n / std::max(batch, nominal)) * static_cast<double>(options.epochs);
    const bool is_long = steps > 10000;
    schedule.rule = is_long ? Rule::musgd : Rule::adamw;
    schedule.lr0 =
        is_long ? 0.01 : std::round(1e6 * 0.002 * 5 / static_cast<double>(4 + classes)) / 1e6;
    schedule.momentum = 0.9;
    schedule.warmup_bias_rate = 0;
  } else if (options.optimizer == "adamw") {
    schedule.rule = Rule::adamw;
    schedule.warmup_bias_rate = 0;  // 0.1 is a rate for SGD; Adam's steps are as long as its rate
  } else {
    schedule.rule = options.optimizer == "musgd" ? Rule::musgd : Rule::sgd;
  }
  // Warm-up changes the momentum of SGD; Adam's decay of the mean is another thing, and stays.
  if (schedule.rule == Rule::adamw) schedule.warmup_momentum = schedule.momentum;
  if (options.warmup_bias_lr >= 0) schedule.warmup_bias_rate = options.warmup_bias_lr;
  return schedule;
}

}  // namespace lotse::runner::train
