#pragma once
#include <string>

#include "base/clock.h"
#include "kube/config.h"

namespace lotse::kube {

/// The value of the Authorization header for a user of the kubeconfig. What it holds is never
/// printed.
class Credentials {
 public:
  /// Throws Error(invalid) for what this program cannot do yet: exec plug-ins.
  explicit Credentials(const Settings& settings, base::Clock& clock = base::system_clock());

  /// "Bearer TOKEN", "Basic ...", or "" where a certificate is all there is. A token file is read
  /// again after a minute; if that fails, the old token stays.
  std::string authorization();
  /// The server answered 401: true if another try with authorization() can do better.
  bool refused();

 private:
  void read_token_file();

  std::string fixed_;
  std::filesystem::path token_file_;
  base::Clock& clock_;
  base::Clock::Time read_at_{};
  std::string token_;
};

}  // namespace lotse::kube
