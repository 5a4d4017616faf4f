#pragma once
#include <string>
#include <vector>

#include "contract/event.h"
#include "runner/detect/pictures.h"

namespace lotse::runner::detect {

/// What a data set turned out to hold, for people to see before hours are spent on it: one event
/// "data" with the counts of pictures, objects and missing label files; warnings for each note, for
/// what was left out, and for a part without objects, which teaches or measures nothing.
std::vector<contract::Event> summary(const Pictures& training, const Pictures& validation,
                                     const std::vector<std::string>& notes,
                                     const task::LeftOut& left_out);

}  // namespace lotse::runner::detect
