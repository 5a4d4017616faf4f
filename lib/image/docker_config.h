#pragma once
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lotse::image {

/// What a registry is to be told. Never printed.
struct Login {
  std::string user;
  std::string password;
};

/// The user's credentials for registries, as `docker login` and `skopeo login` leave them: `auths`,
/// and the helpers that `credHelpers` and `credsStore` name (docker-credential-NAME).
class DockerConfig {
 public:
  /// Reads $DOCKER_CONFIG/config.json, else ~/.docker/config.json; empty where there is none.
  /// Throws Error(invalid) where it cannot be understood, with nothing of it in the message.
  static DockerConfig of_the_user();

  explicit DockerConfig(nlohmann::json document) : document_(std::move(document)) {}

  /// Nothing where there is no login for it, or its helper does not answer before `deadline`.
  std::optional<Login> login_for(const std::string& registry,
                                 std::chrono::steady_clock::time_point deadline) const;

 private:
  nlohmann::json document_;
};

}  // namespace lotse::image
