#include "runner/train/train.h"

#include "cli/runner/modes.h"
#include "runner/detect/learner.h"

namespace lotse::cli::runner {

int run_train(const contract::TrainOptions& options, Output& output) {
  lotse::runner::train::train(options, lotse::runner::detect::make_learner,
                              [&](const contract::Event& event) { output.print(event); });
  return 0;
}

}  // namespace lotse::cli::runner
