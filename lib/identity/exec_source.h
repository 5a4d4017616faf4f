#pragma once
#include <memory>
#include <mutex>

#include "identity/exec_cache.h"

namespace lotse::identity {

/// The credential of one plug-in for one cluster: run when it is first needed, when it has expired
/// and when the server refuses it, once for all that ask at the same time. Thread-safe.
class ExecSource {
 public:
  explicit ExecSource(Settings settings);

  /// This program's one source for these settings.
  static std::shared_ptr<ExecSource> shared(const Settings& settings);

  /// Throws as run_exec_plugin does.
  ExecCredential get();
  /// Tells that the server answered 401 to `refused`: gets another credential, unless another
  /// thread has got one already.
  ExecCredential renew(const ExecCredential& refused);

 private:
  bool is_good(const ExecCredential& credential) const;
  ExecCredential obtain(const std::optional<ExecCredential>& refused);

  const Settings settings_;
  const ExecCache cache_;
  std::mutex mutex_;  // held while the plug-in runs, so that it runs once for all threads
  std::optional<ExecCredential> current_;
};

}  // namespace lotse::identity
