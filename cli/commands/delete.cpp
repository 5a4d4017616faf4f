#include <algorithm>

#include "action/manage.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "object/reference.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::vector<std::string> names;
  bool purge = false;
  bool dry_run = false;
};

void show(const Options& options, const std::string& name, const action::Removal& removal) {
  // With the anchor goes all that it owns, which is listed only where nothing is deleted.
  const auto& removed = removal.removed;
  const bool owns = !options.dry_run &&
                    std::find(removed.begin(), removed.end(), "configmap/" + name) != removed.end();
  print((options.dry_run ? "would delete " : "deleted ") + name +
        (removed.empty() ? "" : ": " + base::join(removed, ", ")) +
        (owns ? ", and what they own" : "") + "\n");
  if (!removal.claims_removed.empty())
    print("  with their data: " + base::join(removal.claims_removed, ", ") + "\n");
  if (!removal.claims_left.empty())
    print("  these claims and their data remain: " + base::join(removal.claims_left, ", ") + "\n");
}

int run_delete(const Options& options) {
  const auto target = announced_target(options.common);
  nlohmann::json all = nlohmann::json::array();
  for (const auto& name : options.names) {
    const auto removal = options.dry_run ? action::preview_removal(*target, name, options.purge)
                                         : action::remove(*target, name, options.purge);
    if (!options.common.json()) show(options, name, removal);
    all.push_back({{"name", name},
                   {"removed", removal.removed},
                   {"claimsRemoved", removal.claims_removed},
                   {"claimsLeft", removal.claims_left}});
  }
  if (options.common.json()) print_answer({{"deleted", all}});
  return 0;
}

Flag dry_run_flag(Options& options) {
  return switch_flag("dry-run", "say what would be done, and do nothing", options.dry_run);
}

int run_restart(const Options& options) {
  const auto target = announced_target(options.common);
  const auto& name = options.names[0];
  const auto object = options.dry_run ? object::describe(action::deployment_of(*target, name))
                                      : action::restart(*target, name);
  if (options.common.json())
    print_answer({{"name", name}, {"object", object}});
  else
    print((options.dry_run ? "would restart " : "restarting ") + object + "\n");
  return 0;
}

}  // namespace

Command delete_command() {
  auto options = std::make_shared<Options>();
  Command command{"delete", "delete workloads; their volume claims stay", long_help("delete")};
  command.flags = {switch_flag("purge-data", "delete their volume claims too, and what is in them",
                               options->purge),
                   dry_run_flag(*options), output_flag(options->common)};
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
  command.flags = {dry_run_flag(*options), output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  options->names.resize(1);
  command.positionals = {workload_argument(options->names[0])};
  command.run = [options] { return run_restart(*options); };
  return command;
}

}  // namespace lotse::cli
