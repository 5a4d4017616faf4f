#include "action/manage.h"
#include "base/strings.h"
#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::vector<std::string> names;
  bool purge = false;
};

void show(const std::string& name, const action::Removal& removal) {
  print("deleted " + name +
        (removal.removed.empty() ? "" : ": " + base::join(removal.removed, ", ")) + "\n");
  if (!removal.claims_removed.empty())
    print("  with their data: " + base::join(removal.claims_removed, ", ") + "\n");
  if (!removal.claims_left.empty())
    print("  these claims and their data remain: " + base::join(removal.claims_left, ", ") + "\n");
}

int run_delete(const Options& options) {
  const auto target = announced_target(options.common);
  nlohmann::json all = nlohmann::json::array();
  for (const auto& name : options.names) {
    const auto removal = action::remove(*target, name, options.purge);
    if (!options.common.json()) show(name, removal);
    all.push_back({{"name", name},
                   {"removed", removal.removed},
                   {"claimsRemoved", removal.claims_removed},
                   {"claimsLeft", removal.claims_left}});
  }
  if (options.common.json()) print_answer({{"deleted", all}});
  return 0;
}

}  // namespace

Command delete_command() {
  auto options = std::make_shared<Options>();
  Command command{"delete", "delete workloads; their volume claims stay", long_help("delete")};
  command.flags = {switch_flag("purge-data", "delete their volume claims too, and what is in them",
                               options->purge),
                   output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  std::string ignored;
  Positional names = workload_argument(ignored);
  names.repeats = true;
  names.set = [options](const std::string& given) { options->names.push_back(given); };
  command.positionals = {names};
  command.elsewhere = {"rm", "remove", "cancel", "kill", "uninstall"};
  command.run = [options] { return run_delete(*options); };
  return command;
}

Command restart_command() {
  auto options = std::make_shared<Options>();
  Command command{"restart", "replace a service's pods one after the other, without a gap",
                  long_help("restart")};
  command.flags = place_flags(options->common);
  options->names.resize(1);
  command.positionals = {workload_argument(options->names[0])};
  command.run = [options] {
    const auto target = announced_target(options->common);
    print("restarting " + action::restart(*target, options->names[0]) + "\n");
    return 0;
  };
  return command;
}

}  // namespace lotse::cli
