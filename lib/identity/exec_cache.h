#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "identity/exec_plugin.h"

namespace lotse::identity {

/// Keeps credentials of plug-ins from one run of this program to the next, in a file for each
/// cluster and plug-in that the user alone can read (0600), written aside and renamed over.
class ExecCache {
 public:
  /// `folder` "": nothing is kept.
  ExecCache(std::filesystem::path folder, std::string key);

  /// The credential that was kept, if it is valid for another minute at least.
  std::optional<ExecCredential> read(WallTime now) const;
  /// Keeps a credential if it says when it expires. A folder that cannot be written is no failure.
  void write(const ExecCredential& credential) const;

  /// Held while a plug-in runs, so that programs that start together run it once.
  using Lock = base::Descriptor;
  /// Waits until no other program holds the lock. Throws Error(unreachable) after `longest`,
  /// Error(interrupted).
  Lock lock(std::chrono::milliseconds longest) const;

 private:
  std::filesystem::path file(const char* ending) const;
  bool make_folder() const;

  std::filesystem::path folder_;
  std::string key_;
};

/// A digest of what a credential depends on: the cluster, the plug-in with its arguments, and the
/// environment that it is run in, without what differs from one terminal to the next.
std::string exec_cache_key(const Settings& settings);

}  // namespace lotse::identity
