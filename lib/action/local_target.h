#pragma once
#include <memory>

#include "action/target.h"

namespace lotse::action {

/// The Target for this machine, on a local::Store under base::state_folder().
std::unique_ptr<Target> make_local_target();

}  // namespace lotse::action
