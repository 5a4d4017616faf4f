#pragma once
#include <memory>

#include "action/target.h"
#include "kube/config.h"

namespace lotse::action {

/// A namespace of a cluster.
std::unique_ptr<Target> make_kube_target(const kube::Settings& settings);

}  // namespace lotse::action
