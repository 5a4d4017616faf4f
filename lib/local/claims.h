#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lotse::local {

/// The volume claims under the folder of a Store: a folder of data each, and who made it. One that
/// `lotse push` made is nobody's.
class Claims {
 public:
  explicit Claims(std::filesystem::path root) : root_(std::move(root)) {}

  std::filesystem::path folder(const std::string& claim) const;  ///< of its data; may not be there
  std::map<std::string, std::string> owners() const;             ///< workloads, by the claim's name
  std::vector<std::string> of(const std::string& workload) const;  ///< that it made, sorted

  /// Throws Error(conflict) for a claim that is there and that this workload did not make; `before`
  /// are those of its manifests until now.
  void check(const std::string& workload, const std::vector<std::string>& claims,
             const std::vector<std::string>& before) const;
  void make(const std::string& workload, const std::vector<std::string>& claims) const;
  void remove(const std::string& claim) const;  ///< with its data

 private:
  std::filesystem::path owner_file(const std::string& claim) const;

  std::filesystem::path root_;
};

}  // namespace lotse::local
