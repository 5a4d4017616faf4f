#pragma once
#include "action/submit.h"
#include "release/diff.h"

namespace lotse::action {

/// Something that stands in the way of a workload that is not there yet.
struct Obstacle {
  workload::Code code;
  std::string text;
  bool impossible = false;  ///< no waiting cures it
};

struct Plan {
  int64_t number = 0;                      ///< of the revision that would be made, or stay
  bool attached = false;                   ///< the same Job runs already: nothing would be applied
  std::vector<std::string> replaced = {};  ///< Jobs that would be deleted: "job/NAME"
  std::vector<release::ObjectChange> changes = {};
  std::vector<Obstacle> obstacles = {};
  std::vector<std::string> notes = {};  ///< what could not be looked at, and why

  bool changes_something() const;
  bool impossible() const;
};

/// What `submit` would do, as the server would have it, and what stands in the way of its pods;
/// nothing is written. Throws as `submit` does where it would be a conflict.
Plan plan(Target& target, const Prepared& prepared, const SubmitOptions& options);

/// The same of a change that is made already; the fields alone.
std::vector<release::ObjectChange> preview(Target& target, const std::string& name,
                                           const Change& change);

}  // namespace lotse::action
