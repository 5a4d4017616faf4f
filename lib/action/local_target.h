#pragma once
#include <memory>

#include "action/target.h"
#include "local/local.h"

namespace lotse::action {

/// The Target for this machine, by default on a local::Store under base::state_folder(). `how` says
/// what carries its objects out.
std::unique_ptr<Target> make_local_target(local::Store store = local::Store(),
                                          const local::ApplyOptions& how = {});

}  // namespace lotse::action
