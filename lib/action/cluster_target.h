#pragma once
#include <memory>

#include "action/cluster.h"
#include "action/target.h"
#include "identity/config.h"

namespace lotse::action {

/// The Target for a namespace of a cluster. Nothing is asked of the server before the first call.
std::unique_ptr<Target> make_cluster_target(const identity::Settings& settings,
                                            const MakeTransport& make = over_the_network,
                                            const MakeOutside& outside = to_the_world);

}  // namespace lotse::action
