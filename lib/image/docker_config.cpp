#include "image/docker_config.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/strings.h"
#include "crypto/base64.h"

namespace lotse::image {

namespace {

using nlohmann::json;
using TimePoint = std::chrono::steady_clock::time_point;

/// Docker Hub has a name of its own in these files.
constexpr std::string_view hub = "docker.io", hub_key = "https://index.docker.io/v1/";

std::string key_of(const std::string& registry) {
  return registry == hub ? std::string(hub_key) : registry;
}

/// "https://HOST/v1/" and "HOST" mean the same registry.
std::string host_of(std::string key) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key.erase(0, scheme.size());
  const auto host = key.substr(0, key.find('/'));
  return host == "index.docker.io" ? std::string(hub) : host;
}

std::string text_in(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string()
             ? object[key].get<std::string>()
             : "";
}

std::optional<Login> login_in(const json& entry) {
  if (!text_in(entry, "username").empty())
    return Login{text_in(entry, "username"), text_in(entry, "password")};
  const auto decoded = crypto::base64_decode(text_in(entry, "auth"));
  const auto colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos || colon == 0) return {};
  return Login{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

/// What the descriptor gives until its end; nothing where that does not come in time.
std::optional<std::string> read_all(int descriptor, TimePoint deadline) {
  constexpr size_t most = 1 << 16;
  std::string all;
  char buffer[4096];
  while (all.size() < most) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting{descriptor, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
    const auto count = ::read(descriptor, buffer, sizeof buffer);
    if (count <= 0) return all;
    all.append(buffer, static_cast<size_t>(count));
  }
  return {};
}

/// docker-credential-helpers: `get`, the server on standard input, JSON on standard output.
std::optional<Login> login_of_helper(const std::string& helper, const std::string& server,
                                     TimePoint deadline) {
  if (helper.find('/') != std::string::npos) return {};
  int input[2], output[2];
  if (::pipe2(input, O_CLOEXEC) != 0) return {};
  base::Descriptor to_read(input[0]), to_write(input[1]);
  if (::pipe2(output, O_CLOEXEC) != 0) return {};
  base::Descriptor answer(output[0]), answers(output[1]);
  const base::Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  // A pipe holds that much, and as long as we could read it ourselves, writing is no fault.
  if (::write(to_write.get(), server.data(), server.size()) != static_cast<ssize_t>(server.size()))
    return {};
  to_write.reset();
  try {
    base::Command command;
    command.arguments = {"docker-credential-" + helper, "get"};
    command.input = to_read.get();
    command.output = answers.get();
    command.error = nowhere.get();
    auto process = base::Process::start(command);
    answers.reset();
    const auto said = read_all(answer.get(), deadline);
    if (!said) process.send(SIGKILL);
    if (process.wait().code != 0 || !said) return {};
    const auto found = json::parse(*said, nullptr, false);
    Login login{text_in(found, "Username"), text_in(found, "Secret")};
    const bool is_token = login.user == "<token>";  // of a protocol that only docker speaks
    return login.user.empty() || is_token ? std::nullopt : std::optional(login);
  } catch (const base::Error&) {
    return {};  // it is not installed
  }
}

}  // namespace

DockerConfig DockerConfig::of_the_user() {
  const char* folder = std::getenv("DOCKER_CONFIG");
  const char* home = std::getenv("HOME");
  if (folder == nullptr && home == nullptr) return DockerConfig(json::object());
  const auto file = (folder != nullptr ? std::filesystem::path(folder)
                                       : std::filesystem::path(home) / ".docker") /
                    "config.json";
  if (!std::filesystem::exists(file)) return DockerConfig(json::object());
  auto document = json::parse(base::read_file(file), nullptr, false);
  if (!document.is_object())
    throw base::Error(base::ErrorKind::invalid, file.string() + " is no JSON object",
                      "`docker login` writes it");
  return DockerConfig(std::move(document));
}

std::optional<Login> DockerConfig::login_for(const std::string& registry,
                                             TimePoint deadline) const {
  const json none = json::object();
  const auto member = [&](const char* key) -> const json& {
    return document_.is_object() && document_.contains(key) && document_[key].is_object()
               ? document_[key]
               : none;
  };
  auto helper = text_in(member("credHelpers"), host_of(registry).c_str());
  if (helper.empty()) helper = text_in(document_, "credsStore");
  if (!helper.empty())
    if (auto login = login_of_helper(helper, key_of(registry), deadline)) return login;
  for (const auto& [key, entry] : member("auths").items())
    if (host_of(key) == registry)
      if (auto login = login_in(entry)) return login;
  return {};
}

}  // namespace lotse::image
