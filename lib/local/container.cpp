#include "local/container.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/error.h"
#include "base/strings.h"
#include "contract/environment.h"
#include "object/member.h"
#include "object/quantity.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

namespace environment = contract::environment;
using Variables = std::map<std::string, std::string>;

std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// The one container that a pod has here.
const json& container_of(const json& pod) {
  return pod.at("spec").at("containers").at(0);
}

/// "metadata.labels['x']" -> pod.metadata.labels.x
std::string field(const json& pod, const std::string& path) {
  for (const char* map : {"annotations", "labels"}) {
    const std::string start = base::cat("metadata.", map, "['");
    if (path.starts_with(start) && path.ends_with("']")) {
      const std::string key = path.substr(start.size(), path.size() - start.size() - 2);
      return object::text_at(pod, {"metadata", map, key.c_str()});
    }
  }
  for (const char* name : {"name", "namespace", "uid"})
    if (path == base::cat("metadata.", name)) return object::text_at(pod, {"metadata", name});
  if (path == "status.podIP" || path == "status.podIPs" || path == "status.hostIP" ||
      path == "status.hostIPs")
    return "127.0.0.1";
  if (path == "spec.nodeName") return host_name();
  if (path == "spec.serviceAccountName")
    return object::text_at(pod, {"spec", "serviceAccountName"}, "default");
  throw base::Error(base::ErrorKind::invalid, "fieldRef " + path + " is not known");
}

/// In thousandths, which is as fine as CPUs are counted.
int64_t milli(const json& quantity) {
  const auto text = quantity.is_string() ? quantity.get<std::string>() : quantity.dump();
  return object::Quantity::parse(text).milli_value();
}

int64_t milli_of_this_machine(const std::string& resource) {
  if (resource == "cpu") return int64_t{1000} * std::thread::hardware_concurrency();
  if (resource == "memory")
    return int64_t{1000} * ::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGE_SIZE);
  return 0;
}

std::string resource(const json& container, const json& reference) {
  const auto parts = base::split(object::text_at(reference, {"resource"}), '.');
  if (parts.size() != 2)
    throw base::Error(base::ErrorKind::invalid, "resourceFieldRef is not limits.X or requests.X");
  const json& limit = object::at(container, {"resources", parts[0].c_str(), parts[1].c_str()});
  // A limit that is not set means the node's whole capacity.
  const int64_t amount = limit.is_null() ? milli_of_this_machine(parts[1]) : milli(limit);
  const json& unit = object::at(reference, {"divisor"});
  const int64_t divisor = std::max<int64_t>(1, milli(unit.is_null() ? json("1") : unit));
  return std::to_string(amount / divisor + (amount % divisor > 0 ? 1 : 0));
}

std::string referenced(const json& pod, const json& from, const std::map<std::string, json>& maps) {
  if (from.contains("fieldRef"))
    return field(pod, object::text_at(from, {"fieldRef", "fieldPath"}));
  if (from.contains("resourceFieldRef"))
    return resource(container_of(pod), from.at("resourceFieldRef"));
  const auto map = maps.find(object::text_at(from, {"configMapKeyRef", "name"}));
  if (map == maps.end()) return "";
  const auto key = object::text_at(from, {"configMapKeyRef", "key"});
  return object::text_at(map->second, {"data", key.c_str()});
}

void set_contract(Variables& variables, const json& pod, const Places& places) {
  const json& container = container_of(pod);
  for (const auto& mount : object::list_at(container, {"volumeMounts"})) {
    const auto name = object::text_at(mount, {"name"});
    const auto part = object::text_at(mount, {"subPath"});
    const auto& folder = places.volumes.at(name);
    variables[environment::volume_variable(name)] =
        (part.empty() ? folder : folder / part).string();
  }
  for (const auto& [name, port] : places.ports)
    variables[environment::port_variable(name)] = std::to_string(port);
  if (variables.contains(environment::rendezvous) && !places.rendezvous.empty())
    variables[environment::rendezvous] = places.rendezvous;
  variables[environment::host] = "127.0.0.1";
}

Variables variables_of(const json& pod, const Places& places,
                       const std::map<std::string, json>& maps) {
  const json& container = container_of(pod);
  Variables result;
  for (const auto& source : object::list_at(container, {"envFrom"})) {
    const auto map = maps.find(object::text_at(source, {"configMapRef", "name"}));
    if (map == maps.end()) continue;
    const auto prefix = object::text_at(source, {"prefix"});
    for (const auto& [key, value] : object::at(map->second, {"data"}).items())
      result[prefix + key] = value;
  }
  set_contract(result, pod, places);
  for (const auto& variable : object::list_at(container, {"env"})) {
    const auto name = object::text_at(variable, {"name"});
    result[name] = variable.contains("valueFrom")
                       ? referenced(pod, variable.at("valueFrom"), maps)
                       : expand(object::text_at(variable, {"value"}), result);
    // At once, so that later variables that refer to one of the contract's see its local value.
    set_contract(result, pod, places);
  }
  const auto index = field(pod, "metadata.annotations['batch.kubernetes.io/job-completion-index']");
  if (!index.empty()) result[environment::completion_index] = index;
  // A pod's processes are recognised by it (kill_leftovers), also after their supervisor's death.
  result["HOSTNAME"] = object::name_of(pod);
  return result;
}

}  // namespace

std::string expand(const std::string& text, const Variables& variables) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const size_t close = text[i] == '$' && next == '(' ? text.find(')', i) : std::string::npos;
    if (text[i] == '$' && next == '$') {
      result += '$';
      ++i;
    } else if (close == std::string::npos) {
      result += text[i];
    } else {
      const auto found = variables.find(text.substr(i + 2, close - i - 2));
      result += found == variables.end() ? text.substr(i, close - i + 1) : found->second;
      i = close;
    }
  }
  return result;
}

Variables inherited_environment() {
  Variables result;
  for (const auto& [name, value] : base::current_environment()) {
    static const auto kept = base::split(
        "PATH HOME USER TMPDIR TZ LANG LD_LIBRARY_PATH ONEDNN_MAX_CPU_ISA ATEN_CPU_CAPABILITY",
        ' ');
    const bool group = name.starts_with("LC_") || name.starts_with("CUDA_") ||
                       name.starts_with("NVIDIA_") || name.ends_with("SAN_OPTIONS");
    if (group || std::find(kept.begin(), kept.end(), name) != kept.end()) result[name] = value;
  }
  return result;
}

base::Command container_command(const json& pod, const Places& places,
                                const std::map<std::string, json>& config_maps) {
  const json& container = container_of(pod);
  const Variables variables = variables_of(pod, places, config_maps);
  base::Command command;
  command.arguments.push_back(places.runner.string());
  const auto& entry = object::list_at(container, {"command"});
  for (size_t i = 1; i < entry.size(); ++i)
    command.arguments.push_back(expand(entry[i], variables));
  for (const auto& argument : object::list_at(container, {"args"}))
    command.arguments.push_back(expand(argument, variables));
  command.environment = places.inherited;
  for (const auto& [name, value] : variables) command.environment[name] = value;
  command.new_session = true;
  command.die_with_parent = true;
  return command;
}

}  // namespace lotse::local
