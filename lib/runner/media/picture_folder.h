#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lotse::runner::media {

/// The pictures in a folder and those below it, sorted, and how many other files there are by their
/// ending. Names that begin with "." are skipped, links are followed, not in rings; label files and
/// what other tools put beside them are none of the others.
struct PictureFolder {
  std::vector<std::filesystem::path> pictures;
  std::map<std::string, int64_t> others;
  std::vector<std::filesystem::path> broken;  ///< pictures by name that are links to nothing

  /// "2 .heic, 1 without an ending"
  std::string others_in_words() const;
};

PictureFolder look_into(const std::filesystem::path& folder);

}  // namespace lotse::runner::media
