#pragma once
#include <stdexcept>
#include <string>
#include <utility>

#include "base/diagnostic.h"

namespace lotse::base {

/// Why a command cannot go on. contract/exit_code.h maps each kind to an exit code.
enum class ErrorKind {
  failed,       ///< the workload failed, or the machine that this program runs on
  invalid,      ///< wrong usage, configuration, data or file: trying again cannot help
  not_found,    ///< an object of the cluster is not there
  denied,       ///< the server does not allow it (401, 403)
  conflict,     ///< another field manager or another running operation
  unreachable,  ///< the cluster could not be reached
  impossible,   ///< what was waited for cannot come, and no waiting cures it
  timeout,      ///< a wait timed out
  interrupted,  ///< stopped by the user
  stopped,      ///< stopped by request after saving a checkpoint
  peer_lost,    ///< another rank went away
  node_broken,  ///< this rank or its node hung or broke
};

/// The one exception type of Lotse. Foreign exceptions are translated into it where they arise.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string hint = "")
      : std::runtime_error(message), kind_(kind), message_(message), hint_(std::move(hint)) {}

  /// Mistakes in what the user wrote, all of them at once; kind is `invalid`.
  explicit Error(Diagnostics diagnostics);

  ErrorKind kind() const { return kind_; }
  const std::string& hint() const { return hint_; }
  const Diagnostics& diagnostics() const { return diagnostics_; }
  const char* what() const noexcept override { return message_.c_str(); }

  /// Puts "context: " in front of the message; callers do so as the error passes up through them.
  Error& add_context(const std::string& context);

 private:
  ErrorKind kind_;
  std::string message_;
  std::string hint_;
  Diagnostics diagnostics_;
};

/// Throws Error(invalid) with these diagnostics, unless there are none.
void throw_if_any(Diagnostics diagnostics);

}  // namespace lotse::base
