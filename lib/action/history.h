#pragma once
#include "action/prepare.h"

namespace lotse::action {

/// So many revisions are kept, as Helm does.
inline constexpr int64_t kept_revisions = 10;

struct History {
  std::vector<release::Revision> revisions;  ///< by number
  int64_t current = 0;                       ///< the number that the anchor bears
  int64_t last = 0;                          ///< the largest, of one that is damaged, too
  std::string cause = {};                    ///< what the anchor says made it
  bool recorded = true;     ///< false: revision 1 was made out of the objects, see history_of
  bool unfinished = false;  ///< the command that wrote the current one has not ended, or died

  const release::Revision* find(int64_t number) const;
};

/// Pure: what is recorded of a workload, and what its anchor says; nothing of one that is not
/// there. A record that is damaged is left out with a warning; one that a later version of Lotse
/// wrote is Error(invalid). A workload that a version without records made has revision 1, made out
/// of its objects.
History history_of(const std::string& name, const Written& written);

/// The Secret that keeps `revision`, which is one of the workload that is prepared.
json secret_of(const Prepared& prepared, const release::Revision& revision);

struct Workload {
  Written written;
  History history;
};

/// A workload that is there. Throws Error(not_found) with the closest name as the hint.
Workload look_up(Target& target, const std::string& name);

/// The revision of that number, or, for 0, the current one, ready to be applied again. Throws
/// Error(invalid) naming those that there are.
Prepared recorded(Target& target, const std::string& name, const History& history, int64_t number);

/// The workload as the template makes it of these values files and nothing else, with the image
/// that `revision` has. Throws Error(invalid) as `prepare` does.
Prepared with_values(Target& target, const std::string& name, const release::Revision& revision,
                     const tmpl::Template& from,
                     const std::vector<std::filesystem::path>& values_files);

}  // namespace lotse::action
