#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "identity/config.h"
#include "reads.h"

using namespace lotse::identity;

namespace {

/// The loader reads files, so the bytes go through one that has no name and lies in memory.
std::string as_file(const uint8_t* data, size_t size) {
  static const int file = ::memfd_create("kubeconfig", 0);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    return "";
  return "/proc/self/fd/" + std::to_string(file);
}

void understand(const Config& config, const LoadOptions& options, const std::string& context) {
  takes_or_refuses([&] { resolve(config, options, context); }, {Kind::invalid, Kind::not_found});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  LoadOptions options;
  options.explicit_path = as_file(data, size);
  return takes_or_refuses([&] {
    const auto config = load_config(options);
    understand(config, options, "");
    for (const auto& [name, context] : config.contexts) understand(config, options, name);
  });
}
