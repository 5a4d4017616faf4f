#include "identity/exec_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "crypto/digest.h"

namespace lotse::identity {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds leeway{60};  // a request under way must not outlive its token
constexpr unsigned own = 0600;
constexpr unsigned own_folder = 0700;

/// Whether the file belongs to us and nobody else can have written or read it.
bool is_ours(const fs::path& file) {
  struct stat found = {};
  return ::lstat(file.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         found.st_uid == ::geteuid() && (found.st_mode & 077) == 0;
}

json to_json(const ExecCredential& credential) {
  const auto expires = std::chrono::duration_cast<seconds>(credential.expires->time_since_epoch());
  return {{"token", credential.token},
          {"certificate", credential.certificate},
          {"key", credential.key},
          {"expires", expires.count()}};
}

std::optional<ExecCredential> from_json(const json& kept) {
  try {
    return ExecCredential{kept.at("token"), kept.at("certificate"), kept.at("key"),
                          WallTime(seconds(kept.at("expires").get<int64_t>()))};
  } catch (const json::exception&) {
    return {};  // of another version
  }
}

/// Variables that say where and in which terminal the user is, and not who: credentials do not
/// depend on them.
bool is_volatile(const std::string& name) {
  static const char* const names[] = {"PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES", "DISPLAY"};
  static const char* const starts[] = {"TERM",   "SSH_",       "XDG_SESSION_",
                                       "DBUS_",  "TMUX",       "WINDOWID",
                                       "LOTSE_", "KUBECONFIG", "KUBERNETES_EXEC_INFO"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](const char* each) { return name == each; }) ||
         std::any_of(std::begin(starts), std::end(starts),
                     [&](const char* each) { return name.starts_with(each); });
}

}  // namespace

ExecCache::ExecCache(fs::path folder, std::string key)
    : folder_(std::move(folder)), key_(std::move(key)) {}

fs::path ExecCache::file(const char* ending) const {
  return folder_ / (key_ + ending);
}

bool ExecCache::make_folder() const {
  if (folder_.empty()) return false;
  std::error_code failed;
  fs::create_directories(folder_.parent_path(), failed);
  if (::mkdir(folder_.c_str(), own_folder) != 0 && errno != EEXIST) return false;
  return ::access(folder_.c_str(), W_OK) == 0;
}

std::optional<ExecCredential> ExecCache::read(WallTime now) const {
  if (folder_.empty() || !is_ours(file(".json"))) return {};
  const auto text = base::read_file_if_there(file(".json"));
  if (!text) return {};
  auto credential = from_json(json::parse(*text, nullptr, false));
  if (!credential || *credential->expires - leeway <= now) return {};
  return credential;
}

void ExecCache::write(const ExecCredential& credential) const {
  if (!credential.expires || !make_folder()) return;
  try {
    base::write_file_atomic(file(".json"), to_json(credential).dump(), own);
  } catch (const base::Error& error) {
    base::log_debug(1, error.what());
  }
}

ExecCache::Lock ExecCache::lock(milliseconds longest) const {
  if (!make_folder()) return Lock(-1);
  const int fd = ::open(file(".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, own);
  if (fd < 0) return Lock(-1);
  Lock lock(fd);
  const auto end = std::chrono::steady_clock::now() + longest;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) break;  // a file system without locks
    if (std::chrono::steady_clock::now() > end)
      throw base::Error(base::ErrorKind::unreachable,
                        "another lotse has been running the credential plug-in for too long",
                        "end it, or use --no-credential-cache");
    base::wait_interruptible(milliseconds(20));
    base::throw_if_interrupted();
  }
  return lock;
}

std::string exec_cache_key(const Settings& settings) {
  json all = {{"server", settings.server},
              {"tls-server-name", settings.server_name},
              {"ca", settings.ca},
              {"insecure", settings.insecure},
              {"proxy", settings.proxy},
              {"config", settings.exec_cluster_config},
              {"info", settings.exec->provide_cluster_info},
              {"command", settings.exec->command},
              {"version", settings.exec->api_version},
              {"arguments", settings.exec->arguments},
              {"environment", settings.exec->environment}};
  for (const auto& [name, value] : settings.exec_options.environment)
    if (!is_volatile(name)) all["ours"][name] = value;
  return crypto::sha256(all.dump(-1, ' ', true, json::error_handler_t::replace));
}

}  // namespace lotse::identity
