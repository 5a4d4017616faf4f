#pragma once
#include <string>

#include "action/target.h"

namespace lotse::cli {

/// One line of a pod for machines: the event's JSON with `pod`, `rank` (null without one), `time`
/// (RFC 3339), with a rank the `attempt` and, where the pod has several, `container`. A line that
/// is no event, as libraries print them, is an event of the type `output`. A rank that the event
/// itself names stays.
std::string event_line(const action::LogLine& line);

}  // namespace lotse::cli
