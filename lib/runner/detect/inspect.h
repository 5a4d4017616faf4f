#pragma once
#include "runner/detect/load.h"
#include "runner/task/family.h"

namespace lotse::runner::detect {

/// A detector row by row.
task::Description inspect(const LoadedModel& model);

}  // namespace lotse::runner::detect
