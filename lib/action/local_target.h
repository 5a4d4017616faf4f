#pragma once
#include <memory>

#include "action/target.h"

namespace lotse::action {

/// This machine, over local::Store under base::state_folder().
std::unique_ptr<Target> make_local_target();

}  // namespace lotse::action
