#pragma once
#include <filesystem>
#include <string>

namespace lotse::base {

/// A folder beside `wanted` in which something is made that becomes `wanted` as a whole: a reader
/// sees all of it or nothing. Where it does not become it, it goes with what it holds.
class DraftFolder {
 public:
  /// `maker` is who else may be making it: "another `lotse template init`". Throws Error(invalid)
  /// where there is such a folder already.
  DraftFolder(const std::filesystem::path& wanted, const std::string& maker);
  ~DraftFolder();
  DraftFolder(const DraftFolder&) = delete;
  DraftFolder& operator=(const DraftFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// `wanted` is not there, or an empty folder.
  void become(const std::filesystem::path& wanted) const;

 private:
  std::filesystem::path path_;
};

}  // namespace lotse::base
