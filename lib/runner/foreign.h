#pragma once
#include <exception>

#include "base/error.h"

namespace lotse::runner {

/// What libtorch or the standard library threw, as the one Error, in the words of its first line:
/// libtorch's messages go on with its call stack. Memory that was not there is told as such, with
/// the size that was asked for.
base::Error from_foreign(const std::exception& error);

}  // namespace lotse::runner
