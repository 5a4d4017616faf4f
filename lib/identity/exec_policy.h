#pragma once
#include <string>
#include <vector>

namespace lotse::identity {

/// Which credential plug-ins may run: a kubeconfig that came from elsewhere can name any program
/// (docs/promises.md A3 P7). The rules of an allowlist are client-go's.
class ExecPolicy {
 public:
  ExecPolicy() = default;  ///< allows all

  /// "allow", "deny", or a list of names and absolute paths: "aws,/usr/bin/gke-gcloud-auth-plugin".
  /// Throws Error(invalid).
  static ExecPolicy parse(const std::string& text);

  /// The file to start for `command`, which is looked for in the folders of `path` unless it is a
  /// path itself. Throws Error(invalid) if it is not allowed, or not there; `install_hint` is the
  /// error's hint then.
  std::string program(const std::string& command, const std::string& path,
                      const std::string& install_hint) const;

 private:
  bool allows(const std::string& command, const std::string& file, const std::string& path) const;

  bool all_ = true;
  std::vector<std::string> list_;
};

}  // namespace lotse::identity
