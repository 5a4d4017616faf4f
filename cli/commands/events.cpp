#include "action/events.h"

#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"
#include "contract/exit_code.h"

namespace lotse::cli {

namespace {

using Rows = std::vector<workload::EventRow>;

struct Options {
  Common common;
  action::EventOptions wanted;
  bool follow = false;
};

/// "12s", "12s (x5 over 3m)", as kubectl says it.
std::string last_seen(const workload::EventRow& row) {
  const auto age = age_of(row.last);
  return row.count > 1 ? base::cat(age, " (x", row.count, " over ", age_of(row.first), ")") : age;
}

std::vector<std::string> cells_of(const workload::EventRow& row, bool of_all) {
  std::vector<std::string> cells = {last_seen(row), row.type, base::printable(row.reason),
                                    row.object, base::printable(base::trim(row.message))};
  if (of_all) cells.insert(cells.begin(), row.workload);
  return cells;
}

std::vector<std::string> heading(bool of_all) {
  std::vector<std::string> cells = {"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"};
  if (of_all) cells.insert(cells.begin(), "WORKLOAD");
  return cells;
}

nlohmann::json answer_of(const Rows& rows) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& row : rows) all.push_back(workload::to_json(row));
  return {{"events", all}};
}

/// The next rows of a table whose end nobody knows yet: columns as wide as what mostly stands in
/// them.
std::string next_rows(const std::vector<std::vector<std::string>>& rows, bool of_all) {
  static constexpr size_t widths[] = {20, 18, 7, 18, 32};
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      const auto width = widths[of_all ? i : i + 1] + 2;
      text += row[i] + std::string(std::max(width, row[i].size() + 2) - row[i].size(), ' ');
    }
    text += row.back() + "\n";
  }
  return text;
}

void say_there_are_none(const Options& options) {
  say(options.common,
      "local workloads have no Events: `lotse status` and `lotse logs` tell what happens\n");
  if (options.common.json()) print_answer(answer_of({}));
}

int show(const Options& options, action::Target& target) {
  const auto rows = action::events(target, options.wanted);
  const bool of_all = options.wanted.workload.empty();
  if (!rows) {
    say_there_are_none(options);
  } else if (options.common.json()) {
    print_answer(answer_of(*rows));
  } else if (rows->empty()) {
    print(options.wanted.warnings ? "no warnings\n" : "no events: clusters forget them in time\n");
  } else {
    Table table(heading(of_all));
    for (const auto& row : *rows) table.add(cells_of(row, of_all));
    print(table.text());
  }
  return contract::exit_done;
}

int follow(const Options& options, action::Target& target) {
  const bool of_all = options.wanted.workload.empty();
  bool begun = false;
  const auto sink = [&](const Rows& rows) {
    if (options.common.json()) return print_answer_line(answer_of(rows));
    std::vector<std::vector<std::string>> lines;
    if (!std::exchange(begun, true)) lines.push_back(heading(of_all));
    for (const auto& row : rows) lines.push_back(cells_of(row, of_all));
    print(next_rows(lines, of_all));
  };
  if (!action::follow_events(target, options.wanted, sink)) say_there_are_none(options);
  return base::interrupted() ? contract::exit_interrupted : contract::exit_done;
}

}  // namespace

Command events_command() {
  auto options = std::make_shared<Options>();
  Command command{"events", "what the cluster says happened to a workload's objects",
                  long_help("events")};
  Flag follow_flag =
      switch_flag("follow", "go on with what comes, until the workload has ended", options->follow);
  follow_flag.letter = 'f';
  follow_flag.elsewhere = {"watch"};
  Flag warnings = switch_flag("warnings", "no others", options->wanted.warnings);
  warnings.elsewhere = {"types"};
  command.flags = {follow_flag, warnings, output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->wanted.workload)};
  command.positionals[0].required = false;
  command.run = [options] {
    const auto target = announced_target(options->common);
    return options->follow ? follow(*options, *target) : show(*options, *target);
  };
  return command;
}

}  // namespace lotse::cli
