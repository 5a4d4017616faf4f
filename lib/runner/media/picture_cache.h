#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "runner/media/codec.h"

namespace lotse::runner::media {

/// A folder of decoded pictures, a file each, by the picture's path, its size and time in the file
/// system, and the form that it was given ("longer side 640"). Several processes may use it at a
/// time: a file is written beside and renamed. What is damaged or belongs to another state of the
/// picture is not taken, and is written anew.
class PictureCache {
 public:
  /// Makes the folder. Throws Error(invalid) if it cannot be made or written to.
  explicit PictureCache(std::filesystem::path folder);

  std::optional<Image> read(const std::filesystem::path& picture, const std::string& form) const;
  /// Whether there is one, without reading its pixels.
  bool has(const std::filesystem::path& picture, const std::string& form) const;
  /// Whether it could be written. A full disk is no reason to end anything.
  bool write(const std::filesystem::path& picture, const std::string& form,
             const Image& image) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path file_of(const std::filesystem::path& picture,
                                const std::string& form) const;

  std::filesystem::path folder_;
};

}  // namespace lotse::runner::media
