#pragma once
#include <string>
#include <vector>

#include "contract/options/export.h"
#include "contract/options/predict.h"
#include "contract/options/tools.h"
#include "contract/options/train.h"
#include "contract/options/val.h"

/// The options of the modes, a struct each, whose members own the defaults. `fields` names each
/// member once, in the order of the help: JSON keys, the runner's flags and the values of the
/// templates come from it.
namespace lotse::contract {

/// The modes that have options, sorted.
std::vector<std::string> modes();

/// The options of a mode as data, in the order of its help; none if there is no such mode.
std::vector<Option> options_of(const std::string& mode);

}  // namespace lotse::contract
