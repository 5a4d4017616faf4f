#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/process.h"

namespace lotse::local {

using nlohmann::json;

/// Where the volumes, ports and peers of a pod are on this machine.
struct Places {
  std::filesystem::path runner;  ///< the program that runs instead of the image's
  std::map<std::string, std::filesystem::path> volumes;  ///< by volume name
  std::map<std::string, int> ports;                      ///< port to listen on, by its name
  std::string rendezvous;                                ///< HOST:PORT of the pod's peers
  std::map<std::string, std::string> inherited;  ///< variables of our own environment that pass on
};

/// What a container's process is started with: the pod object's command, arguments and environment,
/// in which fieldRef, resourceFieldRef, ConfigMap references and $(NAME) are resolved as the
/// kubelet does, and the contract's variables are set from `places`. `config_maps` are the objects
/// by name.
base::Command container_command(const json& pod, const Places& places,
                                const std::map<std::string, json>& config_maps);

/// The text with "$(NAME)" replaced by the variable's value, "$$" by "$"; unknown names stay as
/// they are.
std::string expand(const std::string& text, const std::map<std::string, std::string>& variables);

/// The part of our environment that processes here get: what programs need to start (PATH, HOME,
/// library paths, locale, choice of GPU), and nothing of Lotse's own.
std::map<std::string, std::string> inherited_environment();

}  // namespace lotse::local
