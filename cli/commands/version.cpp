#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  bool server = false;
};

int run_version(const Options& options) {
  nlohmann::json versions = {{"client", LOTSE_VERSION}};
  const bool ask = options.server || !options.common.place.on.empty();
  if (ask) {
    const auto target = make_target(options.common.place);
    versions["server"] = target->is_local() ? "local" : target->server_version();
  }
  if (options.common.json()) {
    print_answer(versions);
    return 0;
  }
  print("lotse " + versions["client"].get<std::string>() + "\n");
  if (ask) print("server " + versions["server"].get<std::string>() + "\n");
  return 0;
}

}  // namespace

Command version_command() {
  auto options = std::make_shared<Options>();
  Command command{"version", "this program's version, and the server's with --server", ""};
  command.flags = {output_flag(options->common),
                   switch_flag("server", "ask the cluster too", options->server)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.run = [options] { return run_version(*options); };
  return command;
}

}  // namespace lotse::cli
