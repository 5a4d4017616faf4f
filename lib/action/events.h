#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "action/target.h"
#include "kube/client.h"
#include "workload/event_row.h"

namespace lotse::action {

/// The Events about objects of these names: of each one, all of them, where they are few; of many,
/// only warnings, in one question. Empty where the user may not read Events, which are told by one
/// of two groups.
std::vector<nlohmann::json> events_about(kube::Client& client,
                                         const std::vector<std::string>& names);

struct EventOptions {
  std::string workload = {};  ///< "": all workloads of the target
  bool warnings = false;      ///< no others
};

/// What the server tells of workloads' objects, oldest first. Nothing where nobody keeps Events: on
/// this machine. Throws Error(not_found), and Error(denied) for a user who may read Events of
/// neither group.
std::optional<std::vector<workload::EventRow>> events(Target& target, const EventOptions& options);

/// The same of one workload, each whole, as the server lists them.
std::vector<nlohmann::json> whole_events(Target& target, const std::string& workload);

using EventSink = std::function<void(const std::vector<workload::EventRow>&)>;

/// The same, then what comes, until the workload has ended, is stopped or gone, or the user
/// interrupts. An Event that is seen again comes again, with its count. False, at once, where
/// nobody keeps Events.
bool follow_events(Target& target, const EventOptions& options, const EventSink& sink);

}  // namespace lotse::action
