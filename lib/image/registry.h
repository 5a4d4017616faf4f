#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/docker_config.h"
#include "image/reference.h"
#include "net/transport.h"

namespace lotse::image {

/// Asks the registries of images (OCI distribution-spec 1.1, and Docker's token authentication).
/// Credentials go to the registry that they are of and to the realm that it names, never over plain
/// HTTP but to this machine.
class Registry {
 public:
  using LoginFor = std::function<std::optional<Login>(const std::string& registry)>;

  /// No answer is waited for beyond `deadline`.
  Registry(net::Transport& transport, LoginFor login_for,
           std::chrono::steady_clock::time_point deadline)
      : transport_(transport), login_for_(std::move(login_for)), deadline_(deadline) {}

  /// The architectures of an image, as Go and Kubernetes call them ("amd64"), of Linux alone; none
  /// where the image does not say. Nothing where the registry does not have the image. Throws
  /// Error(denied) where it wants credentials, or others, and Error(unreachable) where it does not
  /// answer as a registry.
  std::optional<std::vector<std::string>> architectures_of(const Reference& image);

 private:
  net::Response get(const std::string& path, const std::string& accept);
  net::Response ask(const std::string& url,
                    std::vector<std::pair<std::string, std::string>> headers);
  net::Response ask_registry(const std::string& path, const std::string& accept);
  bool log_in(const net::Response& refused);
  std::string token_from(const std::string& challenge, const std::optional<Login>& login);

  net::Transport& transport_;
  LoginFor login_for_;
  std::chrono::steady_clock::time_point deadline_;
  std::string registry_;       ///< of the image that is asked for
  std::string server_;         ///< where it answers: "https://HOST"
  std::string authorization_;  ///< what it is told, "" for nothing
};

}  // namespace lotse::image
