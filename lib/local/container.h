#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/process.h"

namespace lotse::local {

using nlohmann::json;

/// Where things of a pod are on this machine.
struct Places {
  std::filesystem::path runner;                          ///< stands for the image's program
  std::map<std::string, std::filesystem::path> volumes;  ///< by volume name
  std::map<std::string, int> ports;                      ///< port to listen on, by its name
  std::string rendezvous;                                ///< HOST:PORT of the pod's peers
  std::map<std::string, std::string> inherited;          ///< of our own environment
};

/// What a container's process is started with: the pod object's command, arguments and environment
/// with fieldRef, resourceFieldRef, ConfigMap references and $(NAME) resolved as the kubelet does,
/// the contract's variables set to `places`. `config_maps` are the objects by name.
base::Command container_command(const json& pod, const Places& places,
                                const std::map<std::string, json>& config_maps);

/// "$(NAME)" replaced by the variable's value, "$$" by "$"; unknown names stay as they are.
std::string expand(const std::string& text, const std::map<std::string, std::string>& variables);

/// The part of our environment that processes here get: what programs need to start (PATH, HOME,
/// library paths, locale, choice of GPU), and nothing of Lotse's own.
std::map<std::string, std::string> inherited_environment();

}  // namespace lotse::local
