#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "kube/exec_plugin.h"

namespace lotse::kube {

/// Credentials of plug-ins, kept from one run of this program to the next: a file of the user's own
/// (0600) for each cluster and plug-in, written aside and renamed over.
class ExecCache {
 public:
  /// `folder` "": nothing is kept.
  ExecCache(std::filesystem::path folder, std::string key);

  /// What was kept, if it is good for another minute at least.
  std::optional<ExecCredential> read(WallTime now) const;
  /// Keeps what says when it expires. A folder that cannot be written is no failure.
  void write(const ExecCredential& credential) const;

  /// Held while a plug-in runs, so that programs that start together run it once.
  using Lock = base::Descriptor;
  /// Waits for the others. Throws Error(unreachable) after `longest`, Error(interrupted).
  Lock lock(std::chrono::milliseconds longest) const;

 private:
  std::filesystem::path file(const char* ending) const;
  bool make_folder() const;

  std::filesystem::path folder_;
  std::string key_;
};

/// Names what a credential depends on: the cluster, the plug-in with its arguments, and the
/// environment that it is run in, without what differs from one terminal to the next.
std::string exec_cache_key(const Settings& settings);

}  // namespace lotse::kube
