#pragma once
#include <memory>

#include "base/clock.h"
#include "identity/config.h"
#include "net/transport.h"

namespace lotse::identity {

/// The certificates of a kubeconfig that stand in files of their own: others renew them under a
/// running `logs -f` (docs/promises.md A4 P1). What cannot be used, such as a file that is half
/// written, changes nothing.
class TlsFiles {
 public:
  explicit TlsFiles(const Settings& settings, base::Clock& clock);

  /// The identity to use instead of connection_of(settings); nothing as long as the files are
  /// unchanged. They are looked at once a minute at most.
  std::shared_ptr<const net::TlsIdentity> current();

 private:
  void read_again();

  std::filesystem::path ca_file_, certificate_file_, key_file_;
  net::TlsIdentity known_;
  base::Clock& clock_;
  base::Clock::Time looked_;
  std::shared_ptr<const net::TlsIdentity> changed_;
};

}  // namespace lotse::identity
