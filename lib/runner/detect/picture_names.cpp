#include "runner/detect/picture_names.h"

#include <cctype>

#include "base/strings.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;
using base::cat;

namespace {

/// Without the root of any system, and whether it had one.
std::pair<fs::path, bool> without_root(const std::string& name) {
  auto text = base::replace_all(name, "\\", "/");
  const bool drive = text.size() > 2 && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
                     text[1] == ':' && text[2] == '/';
  if (drive) text.erase(0, 2);
  const auto path = fs::path(text).lexically_normal();
  return {path.relative_path(), path.is_absolute()};
}

fs::path without_first(const fs::path& path) {
  fs::path rest;
  for (auto part = std::next(path.begin()); part != path.end(); ++part) rest /= *part;
  return rest;
}

}  // namespace

std::optional<fs::path> PictureNames::look(const fs::path& folder, const std::string& name) {
  if (fs::is_regular_file(folder / name)) return name;
  auto [path, rooted] = without_root(name);
  if (path == name || path.empty() || *path.begin() == "..") return {};
  for (; !path.empty(); path = without_first(path)) {
    if (fs::is_regular_file(folder / path)) return path;
    if (!rooted) break;
  }
  return {};
}

std::optional<fs::path> PictureNames::take(const fs::path& folder, const std::string& name) {
  auto found = look(folder, name);
  if (!found || *found == name) return found;
  if (!taken_.insert((folder / *found).lexically_normal()).second) return {};
  if (taken_.size() == 1) first_ = cat("'", name, "' is taken as ", found->string());
  return found;
}

std::string PictureNames::note() const {
  if (taken_.empty()) return "";
  return base::printable(cat("names of pictures that are another system's or machine's: ",
                             taken_.size(), "; the first: ", first_));
}

}  // namespace lotse::runner::detect
