#include "identity/exec_policy.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::identity {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

bool is_program(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

/// The file of that name in PATH, or "". Relative folders of PATH are left out: what they hold
/// depends on where the command was typed.
std::string find_program(const std::string& command, const std::string& path) {
  if (command.find('/') != std::string::npos) return is_program(command) ? command : "";
  for (const auto& folder : base::split(path, ':')) {
    const auto file = fs::path(folder) / command;
    if (file.is_absolute() && is_program(file)) return file.string();
  }
  return "";
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string advice(const std::string& install_hint) {
  return install_hint.empty() ? "install it, or put its folder into PATH" : install_hint;
}

}  // namespace

ExecPolicy ExecPolicy::parse(const std::string& text) {
  ExecPolicy policy;
  if (text == "allow") return policy;
  policy.all_ = false;
  if (text == "deny") return policy;
  for (const auto& part : base::split(text, ',')) {
    const auto entry = base::trim(part);
    const bool path = entry.find('/') != std::string::npos;
    if (entry.empty() || (path && fs::path(entry).lexically_normal() != entry) ||
        (path && entry.front() != '/'))
      throw Error(ErrorKind::invalid, "--exec-plugin-policy: '" + entry + "' names no program",
                  "allow, deny, or a list of names and absolute paths with commas between");
    policy.list_.push_back(entry);
  }
  return policy;
}

/// Whether an entry of the list is the command as the kubeconfig has it, the file that the command
/// means, or a name for which that file is found.
bool ExecPolicy::allows(const std::string& command, const std::string& file,
                        const std::string& path) const {
  return std::any_of(list_.begin(), list_.end(), [&](const std::string& entry) {
    if (entry == command || entry == file) return true;
    return entry.find('/') == std::string::npos && entry == file_name(file) &&
           find_program(entry, path) == file;
  });
}

std::string ExecPolicy::program(const std::string& command, const std::string& path,
                                const std::string& install_hint) const {
  auto file = find_program(command, path);
  if (!all_ && !allows(command, file, path))
    throw Error(ErrorKind::invalid,
                "the credential plug-in '" + command + "' of the kubeconfig is not allowed to run",
                "allow it with --exec-plugin-policy=" + command);
  if (file.empty())
    throw Error(ErrorKind::invalid, "the credential plug-in '" + command + "' was not found",
                advice(install_hint));
  return file;
}

}  // namespace lotse::identity
