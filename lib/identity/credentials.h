#pragma once
#include <memory>
#include <string>

#include "base/clock.h"
#include "identity/exec_source.h"
#include "identity/tls_files.h"

namespace lotse::identity {

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
  /// The serial number of the credentials that `authorization` returned last; each renewal makes a
  /// new one.
  uint64_t serial() const { return serial_; }
  /// Tells that the server answered 401 to the credentials of `serial`; true if trying again can
  /// help. Several requests may have been sent with them, and all of these may try again; but what
  /// the first of them renewed is not renewed a second time before the server has accepted it.
  bool refused(uint64_t serial);
  void accepted() { renewed_ = false; }  ///< the server answered something else than 401

  bool any() const;  ///< whether the user has any credentials at all

 private:
  void read_token_file();
  void take(const ExecCredential& given);

  std::string fixed_;
  std::filesystem::path token_file_;
  base::Clock& clock_;
  base::Clock::Time read_at_{};
  std::string token_;
  uint64_t serial_ = 0;
  bool renewed_ = false;  ///< whether anything was renewed since the server last accepted us
  TlsFiles files_;
  std::string ca_;
  std::shared_ptr<ExecSource> plugin_;
  ExecCredential given_;  ///< what the plug-in gave, as it was last used
  std::shared_ptr<const net::TlsIdentity> tls_;
};

}  // namespace lotse::identity
