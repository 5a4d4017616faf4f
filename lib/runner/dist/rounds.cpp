#include "runner/dist/rounds.h"

#include <fstream>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::dist {

namespace {

namespace fs = std::filesystem;

/// One more than the file says, which says so from now on.
int count_round(const fs::path& file) {
  int rounds = 0;
  std::ifstream(file) >> rounds;
  ++rounds;
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  std::ofstream(file) << rounds << "\n";
  return rounds;
}

}  // namespace

std::unique_ptr<Group> join_again(const Membership& membership, const fs::path& folder, int most) {
  const auto file = folder / base::cat("rounds-", membership.rank);
  try {
    auto group = Group::join(membership);
    std::error_code ignored;
    if (membership.world_size > 1) fs::remove(file, ignored);
    return group;
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::peer_lost) throw;
    const int rounds = count_round(file);
    if (rounds < most) throw;
    throw base::Error(base::ErrorKind::failed,
                      base::cat(error.what(), ", ", rounds, " times in a row"),
                      "`lotse status` says why the other ranks do not run.");
  }
}

}  // namespace lotse::runner::dist
