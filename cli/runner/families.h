#pragma once
#include "runner/task/family.h"

namespace lotse::cli::runner {

/// The families of models that this program knows: the one place that names them. Where no family
/// takes a model, the first one says what is wrong with it.
const lotse::runner::task::Families& families();

}  // namespace lotse::cli::runner
