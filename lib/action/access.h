#pragma once
#include <string>
#include <vector>

namespace lotse::identity {
struct Settings;
}

namespace lotse::action {

/// The verbs that Lotse uses on one resource, by whether the user has the right to them.
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

/// Asks the server which of the rights that Lotse needs the user has. They are those of the Role in
/// tests/cluster/role.yaml.
AccessReport check_access(const identity::Settings& settings);

}  // namespace lotse::action
