#pragma once
#include <filesystem>
#include <memory>

#include "runner/dist/group.h"

namespace lotse::runner::dist {

/// Group::join for a run whose results lie in `folder`. A round in which the ranks do not find each
/// other is Error(peer_lost), which a Job starts again without counting. The round that is the
/// `most`-th of such rounds in a row, and each one behind it, is Error(failed), which counts: half
/// a gang does not hold its machines for ever. Each rank counts in a file of its own in `folder`;
/// where none can be written, nothing is counted.
std::unique_ptr<Group> join_again(const Membership& membership, const std::filesystem::path& folder,
                                  int most = 10);

}  // namespace lotse::runner::dist
