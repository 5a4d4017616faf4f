#include "runner/train/train.h"

#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"

namespace lotse::cli::runner {

int run_train(const contract::TrainOptions& options, Output& output) {
  namespace task = lotse::runner::task;
  const auto& family = task::family_of(
      families(), task::read_source(contract::resolve_file(options.model).string()));
  contract::check_task(options, family.task());
  const task::MakeLearner make = [&](const contract::TrainOptions& given,
                                     const task::Place& place) {
    return family.make_learner(given, place);
  };
  lotse::runner::train::train(options, make,
                              [&](const contract::Event& event) { output.print(event); });
  return 0;
}

}  // namespace lotse::cli::runner
