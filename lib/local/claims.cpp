#include "local/claims.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::local {

namespace fs = std::filesystem;

namespace {

bool has(const std::vector<std::string>& list, const std::string& claim) {
  return std::find(list.begin(), list.end(), claim) != list.end();
}

}  // namespace

fs::path Claims::folder(const std::string& claim) const {
  return root_ / "claims" / claim;
}

fs::path Claims::owner_file(const std::string& claim) const {
  return root_ / "claim-owners" / claim;
}

std::map<std::string, std::string> Claims::owners() const {
  std::map<std::string, std::string> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root_ / "claim-owners", none))
    found.emplace(entry.path().filename().string(), base::read_file(entry.path()));
  return found;
}

std::vector<std::string> Claims::of(const std::string& workload) const {
  std::vector<std::string> claims;
  for (const auto& [claim, owner] : owners())
    if (owner == workload) claims.push_back(claim);
  return claims;
}

void Claims::check(const std::string& workload, const std::vector<std::string>& claims,
                   const std::vector<std::string>& before) const {
  const auto mine = of(workload);
  for (const auto& claim : claims)
    if (fs::exists(folder(claim)) && !has(mine, claim) && !has(before, claim))
      throw base::Error(
          base::ErrorKind::conflict,
          base::cat("the claim ", claim, " is there already and is not of the workload ", workload),
          "choose another name");
}

void Claims::make(const std::string& workload, const std::vector<std::string>& claims) const {
  for (const auto& claim : claims) {
    fs::create_directories(owner_file(claim).parent_path());
    base::write_file_atomic(owner_file(claim), workload);
    fs::create_directories(folder(claim));
  }
}

void Claims::remove(const std::string& claim) const {
  fs::remove_all(folder(claim));
  fs::remove(owner_file(claim));
}

}  // namespace lotse::local
