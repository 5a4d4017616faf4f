#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lotse::tmpl {

/// A template that a name can mean.
struct Candidate {
  std::string name;
  std::filesystem::path folder;  ///< where it lies; empty: in this program

  /// What load_template takes.
  std::string reference() const { return folder.empty() ? name : folder.string(); }
  std::string place() const { return folder.empty() ? "built in" : folder.string(); }
};

/// All that names can mean: the folders in each of `folders` that hold a template.yaml, then the
/// built-in templates. Of one name the first is meant, the others are hidden by it.
std::vector<Candidate> candidates(const std::vector<std::filesystem::path>& folders);

/// What `name` means, and behind it what that hides. Throws Error(invalid) with "did you mean" if
/// it means nothing. The working folder is never looked at: what a cloned repository holds is named
/// by its path.
std::vector<Candidate> find_template(const std::string& name,
                                     const std::vector<std::filesystem::path>& folders);

/// A path, not a name: anything with a '/', "." and "..".
bool is_template_path(const std::string& text);

}  // namespace lotse::tmpl
