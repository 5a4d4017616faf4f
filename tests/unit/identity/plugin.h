#pragma once
#include <sys/stat.h>

#include <ctime>

#include "base/files.h"
#include "base/process.h"
#include "base/strings.h"
#include "identity/exec_source.h"

/// A credential plug-in as a shell script in a folder of its own.
namespace lotse::test {

using identity::json;

inline constexpr auto v1 = "client.authentication.k8s.io/v1";
inline constexpr auto v1beta1 = "client.authentication.k8s.io/v1beta1";

inline std::string rfc3339(identity::WallTime time) {
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc = {};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

/// It notes that it ran and what it was told, says `$SAYS` on standard error, prints the file
/// `output` and ends with `$CODE`.
class Plugin {
 public:
  identity::Settings settings;
  std::shared_ptr<identity::WallTime> now =
      std::make_shared<identity::WallTime>(std::chrono::system_clock::now());

  explicit Plugin(const std::string& body = standard_body) {
    write("plugin", "#!/bin/sh\ncd '" + folder_.path().string() + "'\n" + body);
    ::chmod(path("plugin").c_str(), 0755);
    settings.context = "c";
    settings.server = "https://server:6443";
    settings.exec.emplace();
    settings.exec->command = path("plugin").string();
    settings.exec->api_version = v1;
    auto& options = settings.exec_options;
    options.environment = base::current_environment();
    options.is_terminal = [] { return false; };
    options.timeout = std::chrono::seconds(20);
    options.now = [time = now] { return *time; };
  }

  /// Sets what it prints from now on.
  void prints(const std::string& output) const { write("output", output); }
  void gives(const json& status) const {
    prints(json{
        {"kind", "ExecCredential"}, {"apiVersion", settings.exec->api_version}, {"status", status}}
               .dump());
  }
  /// A token that is good for `life`.
  void gives_token(const std::string& token, std::chrono::seconds life) const {
    gives({{"token", token}, {"expirationTimestamp", rfc3339(*now + life)}});
  }

  int runs() const {
    const auto text = base::read_file_if_there(path("runs")).value_or("");
    return static_cast<int>(base::split(text, '\n').size()) - 1;
  }
  json info() const { return json::parse(base::read_file(path("info"))); }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) const {
    base::write_file_atomic(path(name), text);
  }

 private:
  static constexpr auto standard_body =
      "echo >>runs\nprintf %s \"$KUBERNETES_EXEC_INFO\" >info\necho \"$*\" >arguments\n"
      "[ -z \"$SAYS\" ] || echo \"$SAYS\" >&2\ncat output\nexit ${CODE:-0}\n";
  base::TemporaryFolder folder_;
};

}  // namespace lotse::test
