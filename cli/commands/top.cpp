#include "action/top.h"

#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
};

using Usages = std::vector<workload::WorkloadUsage>;

constexpr auto nothing = "-";

/// "250m" and "64Mi", as `kubectl top` has them, so that what is used and what is asked for compare
/// at a glance.
std::string cores(const std::optional<object::Quantity>& amount) {
  return amount ? base::cat(amount->milli_value(), "m") : nothing;
}
std::string mebibytes(const std::optional<object::Quantity>& amount) {
  return amount ? base::cat(amount->value() >> 20, "Mi") : nothing;
}
std::optional<object::Quantity> unless_zero(const object::Quantity& amount) {
  return amount == object::Quantity() ? std::nullopt : std::optional(amount);
}

std::vector<std::string> with_usage(std::vector<std::string> cells, const workload::Usage& cpu,
                                    const workload::Usage& memory) {
  for (auto& cell :
       {cores(cpu.used), cores(unless_zero(cpu.requested)), cores(cpu.limit),
        mebibytes(memory.used), mebibytes(unless_zero(memory.requested)), mebibytes(memory.limit)})
    cells.push_back(cell);
  return cells;
}

std::vector<std::string> heading(std::vector<std::string> cells) {
  for (const char* cell : {"CPU", "REQUESTED", "LIMIT", "MEMORY", "REQUESTED", "LIMIT"})
    cells.emplace_back(cell);
  return cells;
}

std::string not_measured(const Usages& usages) {
  size_t pods = 0, missing = 0;
  for (const auto& usage : usages)
    for (const auto& pod : usage.pods) {
      ++pods;
      missing += pod.cpu.used ? 0 : 1;
    }
  if (missing == 0) return "";
  return base::cat(missing, " of ", pods, pods == 1 ? " pod was" : " pods were",
                   " not measured yet\n");
}

std::string of_one(const workload::WorkloadUsage& usage) {
  if (usage.pods.empty()) return "no pod of it runs\n";
  Table table(heading({"POD", "RANK"}));
  for (const auto& pod : usage.pods)
    table.add(
        with_usage({pod.name, pod.rank ? base::cat(*pod.rank) : nothing}, pod.cpu, pod.memory));
  if (usage.pods.size() > 1)
    table.add(with_usage({base::cat("all ", usage.pods.size()), ""}, usage.cpu, usage.memory));
  return table.text() + not_measured({usage});
}

std::string of_all(const Usages& usages) {
  Table table(heading({"NAME", "PODS"}));
  bool any = false;
  for (const auto& usage : usages) {
    if (usage.pods.empty()) continue;
    any = true;
    table.add(with_usage({usage.name, base::cat(usage.pods.size())}, usage.cpu, usage.memory));
  }
  return any ? table.text() + not_measured(usages) : "no pods run\n";
}

int run_top(const Options& options) {
  const auto target = announced_target(options.common);
  const auto usages = action::top(*target, options.name);
  if (options.common.json()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& usage : usages) all.push_back(workload::to_json(usage));
    print_answer({{"workloads", all}});
  } else {
    print(options.name.empty() ? of_all(usages) : of_one(usages.front()));
  }
  return 0;
}

}  // namespace

Command top_command() {
  auto options = std::make_shared<Options>();
  Command command{"top", "CPU and memory that pods use, beside what they ask for",
                  long_help("top")};
  command.flags = {output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.positionals[0].required = false;
  command.elsewhere = {"usage", "stats"};
  command.run = [options] { return run_top(*options); };
  return command;
}

}  // namespace lotse::cli
