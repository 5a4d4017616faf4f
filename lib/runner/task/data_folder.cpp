#include "runner/task/data_folder.h"

#include <system_error>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::task {

namespace fs = std::filesystem;

fs::path free_place(const fs::path& folder) {
  auto wanted = fs::absolute(folder).lexically_normal();
  if (!wanted.has_filename()) wanted = wanted.parent_path();  // "pets/"
  const bool there = fs::exists(fs::symlink_status(wanted));
  if (there && !(fs::is_directory(wanted) && fs::is_empty(wanted)))
    throw base::Error(
        {{base::printable(folder.string()), "is there already", "Name a new or empty folder."}});
  fs::create_directories(wanted.parent_path());
  return wanted;
}

void link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code cannot;
  fs::create_hard_link(fs::canonical(from), to, cannot);
  if (cannot) fs::copy_file(from, to);
}

}  // namespace lotse::runner::task
