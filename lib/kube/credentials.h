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
  /// Which of the credentials that there have been `authorization` gave last.
  uint64_t serial() const { return serial_; }
  /// The server answered 401 to those of `serial`: true if another try can do better. Several
  /// requests may have been sent with what is refused: all of them may try again, but what the
  /// first of them renewed is renewed no second time before the server has accepted it.
  bool refused(uint64_t serial);
  void accepted() { renewed_ = false; }  ///< the server answered anything else

  bool any() const;  ///< is there something to prove it with?

 private:
  void read_token_file();
  void take(const ExecCredential& given);

  std::string fixed_;
  std::filesystem::path token_file_;
  base::Clock& clock_;
  base::Clock::Time read_at_{};
  std::string token_;
  uint64_t serial_ = 0;
  bool renewed_ = false;  ///< since the server last took what we sent
  TlsFiles files_;
  std::string ca_;
  std::shared_ptr<ExecSource> plugin_;
  ExecCredential given_;  ///< by the plug-in, as last used
  std::shared_ptr<const net::TlsIdentity> tls_;
};

}  // namespace lotse::kube
