#pragma once
#include "kube/logs.h"

// Inside this room only: what a pod says about its logs, and how they are asked for.

namespace lotse::kube {

const object::Kind& pods();

/// The status of one container, or null.
json container_status(const json& pod, const std::string& container);
/// Whether there is something to read: it runs or has run.
bool has_log(const json& pod, const std::string& container);
/// Whether there will be no more.
bool has_ended(const json& pod, const std::string& container);
/// Which process of the container its log is of: the one that runs, or the last that ran.
std::string instance_of(const json& container_status);
/// `resume_at` is the cursor's; it takes the place of `since` and `tail`.
Call log_call(const std::string& space, const std::string& pod, const std::string& container,
              const LogOptions& query, const std::string& resume_at);

/// read_logs with `follow`.
void follow_logs(Client& client, const Selector& selector, const PodFilter& filter,
                 const LogOptions& query, const LogSink& sink, const std::function<bool()>& ended);

}  // namespace lotse::kube
