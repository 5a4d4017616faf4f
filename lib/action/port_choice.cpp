#include <charconv>

#include "action/connect.h"
#include "base/error.h"
#include "base/strings.h"
#include "object/member.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

constexpr int highest_port = 65535;

int number_in(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number > 0 && number <= highest_port ? number : 0;
}

std::vector<json> container_ports(const json& pod) {
  std::vector<json> ports;
  for (const auto& container : object::at(pod, {"spec", "containers"}))
    for (const auto& port : object::at(container, {"ports"})) ports.push_back(port);
  return ports;
}

/// A Service's targetPort: a number, the name of a container's port, or its own number.
int target_of(const json& service_port, const json& pod) {
  const auto& target = object::at(service_port, {"targetPort"});
  if (target.is_number()) return target;
  if (target.is_string())
    for (const auto& port : container_ports(pod))
      if (object::text_at(port, {"name"}) == target.get<std::string>())
        return port["containerPort"];
  return service_port["port"];
}

int of_a_service(const Snapshot& objects, const json& pod, const std::string& wanted) {
  for (const json* service : objects.of_kind("Service"))
    for (const auto& port : object::list_at(*service, {"spec", "ports"}))
      if (object::text_at(port, {"name"}) == wanted ||
          object::number_at(port, {"port"}) == number_in(wanted))
        return target_of(port, pod);
  return 0;
}

[[noreturn]] void none_fits(const json& pod, const std::string& wanted) {
  std::vector<std::string> there;
  for (const auto& port : container_ports(pod))
    there.push_back(base::cat(port["containerPort"], " (", object::text_at(port, {"name"}), ")"));
  const auto what = wanted.empty() ? "declares no port" : "has no port '" + wanted + "'";
  throw Error(ErrorKind::not_found,
              "pod/" + object::text_at(pod, {"metadata", "name"}) + " " + what,
              there.empty() ? "name its number" : "it has " + base::join(there, ", "));
}

}  // namespace

int container_port(const Snapshot& objects, const json& pod, const std::string& wanted) {
  const auto ports = container_ports(pod);
  if (wanted.empty() && !ports.empty()) return ports.front()["containerPort"];
  for (const auto& port : ports)
    if (object::text_at(port, {"name"}) == wanted || port["containerPort"] == number_in(wanted))
      return port["containerPort"];
  if (const int port = of_a_service(objects, pod, wanted); port != 0) return port;
  if (const int port = number_in(wanted); port != 0) return port;
  none_fits(pod, wanted);
}

}  // namespace lotse::action
