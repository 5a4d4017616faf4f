#include "contract/environment.h"

#include "base/strings.h"

namespace lotse::contract::environment {

namespace {
std::string variable(const char* prefix, std::string_view name) {
  std::string text = base::upper(name);
  for (char& c : text)
    if (c == '-' || c == '.') c = '_';
  return prefix + text;
}
}  // namespace

std::string volume_variable(std::string_view volume) {
  return variable("LOTSE_VOLUME_", volume);
}
std::string port_variable(std::string_view port) {
  return variable("LOTSE_PORT_", port);
}

}  // namespace lotse::contract::environment
