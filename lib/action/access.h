#pragma once
#include <string>
#include <vector>

namespace lotse::kube {
struct Settings;
}

namespace lotse::action {

/// What Lotse does with one kind of objects, and what of it the user may do.
struct Access {
  std::string resource;  ///< as a Role's rules name it: "jobs.batch", "pods/log"
  std::vector<std::string> allowed;
  std::vector<std::string> missing;
};

struct AccessReport {
  std::string context;
  std::string name_space;
  std::string server;
  std::string version;  ///< of the server, "v1.36.3"
  std::vector<Access> rights;
  bool is_complete() const;
};

/// Asks the server which of the rights that Lotse needs the user has: those of the Role in the
/// documentation.
AccessReport check_access(const kube::Settings& settings);

}  // namespace lotse::action
