#pragma once
#include <string>
#include <vector>

#include "action/history.h"
#include "action/prepare.h"

namespace lotse::action {

struct SubmitOptions {
  bool replace = false;          ///< delete the workload's earlier Job if it still runs
  bool rerun = false;            ///< with `replace`, delete the same one, too
  bool force_conflicts = false;  ///< take fields that other field managers own
};

struct Submitted {
  int64_t number = 0;                 ///< of the revision
  bool attached = false;              ///< the same content runs already; nothing was applied
  bool unchanged = false;             ///< all was so already; nothing was written
  std::vector<std::string> replaced;  ///< Jobs that are deleted: "job/NAME"
};

/// What applying something would do, and what is to be said of it.
struct Decision {
  Change change;
  Submitted result;
};

/// Pure: what is to be done to bring a workload to what was prepared. A new revision is recorded
/// unless the newest one is the same. The same Job that runs already is attached to, unless a
/// command that wrote it has not ended; one that ended is run again; other content while an earlier
/// Job runs is Error(conflict) unless `options.replace`, and so is a name that another template
/// took.
Decision decide(const Prepared& prepared, const Written& written, const History& history,
                const SubmitOptions& options);

/// Applies what was prepared. Of commands with other contents at the same moment one does it, the
/// others are Error(conflict).
Submitted submit(Target& target, const Prepared& prepared, const SubmitOptions& options);

}  // namespace lotse::action
