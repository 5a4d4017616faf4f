#include "runner/train/train.h"

#include "base/error.h"
#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"
#include "runner/infer/torchscript.h"

namespace lotse::cli::runner {

int run_train(const contract::TrainOptions& options, Output& output) {
  namespace task = lotse::runner::task;
  const auto model = contract::resolve_file(options.model).string();
  if (lotse::runner::infer::is_torchscript(model))
    throw base::Error({{model, "is exported already",
                        "Training goes on from the weights that it was exported from."}});
  const auto& family = task::family_of(families(), task::read_source(model));
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
