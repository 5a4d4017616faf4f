#include "action/gpus.h"

#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"

namespace lotse::cli {

namespace {

int run_gpus(const Common& common) {
  const auto target = announced_target(common);
  const auto rows = action::gpus(*target);
  nlohmann::json all = nlohmann::json::array();
  Table table({"TYPE", "RESOURCE", "NODES", "TOTAL", "USED", "FREE", "FREE ON ONE NODE"});
  for (const auto& row : rows) {
    all.push_back({{"type", row.type},
                   {"resource", row.resource},
                   {"nodes", row.nodes},
                   {"total", row.total},
                   {"used", row.used},
                   {"free", row.free},
                   {"largestFree", row.largest}});
    table.add({row.type.empty() ? "-" : row.type, row.resource, base::cat(row.nodes),
               base::cat(row.total), base::cat(row.used), base::cat(row.free),
               base::cat(row.largest)});
  }
  if (common.json())
    print_answer({{"gpus", all}});
  else
    print(rows.empty() ? "no node has GPUs\n" : table.text());
  return 0;
}

}  // namespace

Command gpus_command() {
  auto common = std::make_shared<Common>();
  Command command{"gpus", "the cluster's GPUs by type: how many, in use, still free",
                  long_help("gpus")};
  command.flags = {output_flag(*common)};
  for (auto& flag : place_flags(*common)) command.flags.push_back(flag);
  command.run = [common] { return run_gpus(*common); };
  return command;
}

}  // namespace lotse::cli
