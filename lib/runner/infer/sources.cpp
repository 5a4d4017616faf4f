#include "runner/infer/sources.h"

#include <glob.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "runner/media/codec.h"

namespace lotse::runner::infer {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> in_folder(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (!hidden && entry.is_regular_file() && media::has_image_ending(entry.path()))
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<fs::path> matching(const std::string& pattern) {
  glob_t matches = {};
  std::vector<fs::path> found;
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    for (size_t i = 0; i < matches.gl_pathc; ++i) {
      if (fs::is_regular_file(matches.gl_pathv[i])) found.emplace_back(matches.gl_pathv[i]);
    }
  }
  ::globfree(&matches);
  return found;
}

}  // namespace

std::vector<fs::path> find_pictures(const std::vector<std::string>& sources) {
  std::vector<fs::path> all;
  base::Diagnostics problems;
  for (const auto& source : sources) {
    std::error_code ignored;
    const bool folder = fs::is_directory(source, ignored);
    const auto found = folder                        ? in_folder(source)
                       : fs::exists(source, ignored) ? std::vector<fs::path>{source}
                                                     : matching(source);
    if (found.empty())
      problems.push_back({base::printable(source),
                          folder ? "the folder holds no picture" : "no such picture",
                          base::cat("Files (", media::formats, "), folders and globs are taken.")});
    all.insert(all.end(), found.begin(), found.end());
  }
  base::throw_if_any(std::move(problems));
  return all;
}

}  // namespace lotse::runner::infer
