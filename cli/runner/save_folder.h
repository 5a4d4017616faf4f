#pragma once
#include <filesystem>
#include <map>
#include <vector>

namespace lotse::cli::runner {

/// The folder for annotated pictures. Nothing in it is replaced but what this run has written
/// there before it was started anew (run.json says so), unless the user wants that.
class SaveFolder {
 public:
  /// Looks, and writes nothing. Each picture is saved under its own name, with a number behind it
  /// where two folders share one. Throws Error(invalid) if any of them is there already, or if a
  /// picture would be saved over itself.
  SaveFolder(std::filesystem::path folder, const std::vector<std::filesystem::path>& pictures,
             bool overwrite);

  /// Makes the folder, and where a workload runs us puts its name there.
  void claim() const;
  /// Where the annotated form of one of the pictures goes.
  const std::filesystem::path& target(const std::filesystem::path& picture) const {
    return targets_.at(picture);
  }

 private:
  std::filesystem::path folder_;
  std::map<std::filesystem::path, std::filesystem::path> targets_;  ///< by picture
};

}  // namespace lotse::cli::runner
