#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "contract/event.h"

namespace lotse::workload {

using nlohmann::json;

/// How far a run has come, as its runner said last.
struct Progress {
  std::string phase;  ///< "epoch 3/24", "validate"
  int64_t done = 0;   ///< of the phase
  int64_t total = 0;
  std::string unit;                  ///< of `done` and `total`: "images"
  int64_t workers = 1;               ///< that share the work: then all of the above is of one share
  int64_t all = 0;                   ///< with several workers: `total` of all shares
  std::optional<double> per_second;  ///< units
  std::optional<double> eta_seconds;      ///< to the end of the phase
  std::optional<double> run_eta_seconds;  ///< to the end of the run
  json metrics = json::object();          ///< numbers by name
  std::string message;                    ///< all of it for people, one line
  std::string time;                       ///< when it was said, RFC 3339; may be empty
};

/// Out of an event `progress`; nothing of any other. Any program may print such a line: what is
/// missing or of another type is left out.
std::optional<Progress> read_progress(const contract::Event& event, const std::string& time);

json to_json(const Progress& progress);

}  // namespace lotse::workload
