#pragma once
#include <filesystem>
#include <optional>
#include <set>
#include <string>

namespace lotse::runner::detect {

/// Finds the pictures that a data set names as another system or another machine would: "a\b.jpg",
/// "C:\data\a\b.jpg", "/home/somebody/a/b.jpg".
class PictureNames {
 public:
  /// Where the picture lies, as from `folder`: the name itself where it leads to a file; "a\b.jpg"
  /// as a/b.jpg; of a name that begins at a root as many of its last parts as lead to a file.
  /// Nothing where none does.
  static std::optional<std::filesystem::path> look(const std::filesystem::path& folder,
                                                   const std::string& name);

  /// The same, and counts the names that are not taken as they are written. For two such names that
  /// lead to one file, the second is not there: "one/a.jpg" and "two/a.jpg" are not both a.jpg.
  std::optional<std::filesystem::path> take(const std::filesystem::path& folder,
                                            const std::string& name);

  /// What was taken otherwise, for people; "" where nothing was.
  std::string note() const;

 private:
  std::set<std::filesystem::path> taken_;
  std::string first_;
};

}  // namespace lotse::runner::detect
