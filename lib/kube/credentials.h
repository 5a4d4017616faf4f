#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "kube/exec_source.h"
#include "kube/tls_files.h"

namespace lotse::kube {

/// How a user of the kubeconfig proves who it is. What it holds is never printed.
class Credentials {
 public:
  /// Runs nothing yet. Throws Error(invalid) for a token that cannot be sent.
  explicit Credentials(const Settings& settings, base::Clock& clock = base::system_clock());

  /// The Authorization header: "Bearer TOKEN", "Basic ...", or "" where a certificate is all there
  /// is. A token file is read again every minute; if that fails, the old token stays. Throws as
  /// run_exec_plugin does.
  std::string authorization();
  /// What to use instead of the certificates of connection_of(settings), if anything.
  std::shared_ptr<const net::TlsIdentity> tls();
  /// The server answered 401: true if another try can do better. False for a second time in a row.
  bool refused();
  void accepted() { renewed_ = false; }  ///< the server answered anything else

  bool any() const;  ///< is there something to prove it with?

 private:
  void read_token_file();

  std::string fixed_;
  std::filesystem::path token_file_;
  base::Clock& clock_;
  base::Clock::Time read_at_{};
  std::string token_;
  bool renewed_ = false;  ///< since the server last took what we sent
  TlsFiles files_;
  std::string ca_;
  std::shared_ptr<ExecSource> plugin_;
  ExecCredential given_;  ///< by the plug-in, as last used
  std::shared_ptr<const net::TlsIdentity> tls_;
};

}  // namespace lotse::kube
