#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "object/snapshot.h"

namespace lotse::workload {

using nlohmann::json;
using object::Snapshot;

/// What Kubernetes says happened to an object of a workload.
struct EventRow {
  std::string workload;
  std::string type;    ///< "Normal" or "Warning"
  std::string reason;  ///< "FailedScheduling"
  std::string object;  ///< "pod/NAME"
  std::string message;
  std::string source;  ///< who says so: "kubelet", "default-scheduler"
  int64_t count = 1;   ///< how often it was seen
  std::string first;   ///< RFC 3339
  std::string last;
  std::string nanoseconds;  ///< of when it was first seen, in hexadecimal, if its name has them
};

/// One row out of an Event of events.k8s.io/v1 or v1; the workload stays empty.
EventRow read_event(const json& event);

/// Oldest first, by when they were seen last, which most who tell it know to the second. What was
/// said of one object in the same words several times is one row: a server counts only what follows
/// within minutes.
std::vector<EventRow> merged(std::vector<EventRow> rows);

/// Whose Events are whose: those about the objects of a workload, whatever their kind, and about
/// pods, Jobs and ReplicaSets that are gone, whose generated names say what made them.
class Subjects {
 public:
  void add(const std::string& workload, const Snapshot& objects);
  std::string workload_of(const json& event) const;  ///< "": of none

 private:
  std::unordered_map<std::string, std::string> workloads_;  ///< by an object's name
};

json to_json(const EventRow& row);

}  // namespace lotse::workload
