#include "runner/media/picture_folder.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "runner/media/codec.h"

namespace lotse::runner::media {

namespace fs = std::filesystem;

namespace {

/// Whether a link leads to a folder around it: following it would never end.
bool leads_back(const fs::directory_entry& entry) {
  if (!entry.is_symlink() || !entry.is_directory()) return false;
  const auto target = fs::canonical(entry.path());
  const auto from = fs::canonical(entry.path().parent_path());
  return std::mismatch(target.begin(), target.end(), from.begin(), from.end()).first ==
         target.end();
}

}  // namespace

std::string PictureFolder::others_in_words() const {
  std::vector<std::string> parts;
  for (const auto& [ending, count] : others)
    parts.push_back(base::cat(count, " ", ending.empty() ? "without an ending" : ending));
  return base::printable(base::join(parts, ", "));
}

PictureFolder look_into(const fs::path& folder) {
  PictureFolder found;
  const std::set<std::string> known = {".txt", ".cache", ".npy", ".json",
                                       ".xml", ".yaml",  ".yml", ".ndjson"};
  const auto options = fs::directory_options::follow_directory_symlink;
  for (auto entry = fs::recursive_directory_iterator(folder, options);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const auto& path = entry->path();
    if (path.filename().string().starts_with('.') || leads_back(*entry)) {
      entry.disable_recursion_pending();  // .ipynb_checkpoints and the like
    } else if (entry->is_regular_file()) {
      const auto ending = base::lower(path.extension().string());
      if (has_image_ending(path))
        found.pictures.push_back(path);
      else if (known.count(ending) == 0)
        ++found.others[ending];
    } else if (!entry->is_directory() && has_image_ending(path)) {
      ++found.others["links to nothing"];
      found.broken.push_back(path);
    }
  }
  std::sort(found.pictures.begin(), found.pictures.end());
  return found;
}

}  // namespace lotse::runner::media
