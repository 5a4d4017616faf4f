#pragma once
#include <optional>
#include <string>

#include "identity/config.h"

/// One run of a credential plug-in (client-go's plugin/pkg/client/auth/exec).
namespace lotse::identity {

/// What a plug-in gave. Never printed.
struct ExecCredential {
  std::string token;
  std::string certificate;          ///< PEM; with `key` or not at all
  std::string key;                  ///< PEM
  std::optional<WallTime> expires;  ///< absent: good until the server refuses it

  bool operator==(const ExecCredential&) const = default;
};

/// The value of KUBERNETES_EXEC_INFO.
std::string exec_info(const Settings& settings, bool interactive);

/// Reads what a plug-in printed. Throws Error(invalid), whose message holds nothing of it.
ExecCredential parse_exec_credential(const std::string& output, const ExecConfig& config);

/// Runs the plug-in of `settings.exec`, whose standard error is ours, and reads what it prints.
/// Throws Error(invalid) if it may not or cannot run, Error(denied) if it fails,
/// Error(unreachable) after the time limit, Error(interrupted) within 200 ms of the signal.
ExecCredential run_exec_plugin(const Settings& settings);

}  // namespace lotse::identity
