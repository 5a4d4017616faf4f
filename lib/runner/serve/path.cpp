#include "runner/serve/path.h"

#include <charconv>

namespace lotse::runner::serve {

std::optional<std::string> decoded_path(const std::string& target) {
  const auto path = target.substr(0, target.find('?'));
  std::string decoded;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      decoded += path[i];
      continue;
    }
    unsigned char byte = 0;
    const char* digits = path.data() + i + 1;
    if (i + 2 >= path.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2)
      return {};
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace lotse::runner::serve
