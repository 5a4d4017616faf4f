#include "cli/context/context.h"

#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"
#include "contract/exit_code.h"
#include "document/write.h"

namespace lotse::cli {

namespace {

int list_contexts(const Common& common) {
  const auto rows = contexts(common.place);
  if (common.json()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& row : rows)
      all.push_back({{"name", row.name},
                     {"cluster", row.cluster},
                     {"namespace", row.name_space},
                     {"current", row.current}});
    print_answer({{"contexts", all}});
  } else if (common.output == "name") {
    for (const auto& row : rows) print(row.name + "\n");
  } else {
    Table table({"", "NAME", "CLUSTER", "NAMESPACE"});
    for (const auto& row : rows)
      table.add({row.current ? "*" : "", row.name, row.cluster, row.name_space});
    print(table.text());
  }
  return 0;
}

int show_raw(const Common& common) {
  const auto config = kubeconfig_as_read(common.place);
  if (common.json())
    print_foreign_json(config);
  else
    print(document::write_yaml(config));
  return 0;
}

nlohmann::json to_json(const action::AccessReport& report) {
  nlohmann::json rights = nlohmann::json::array();
  for (const auto& each : report.rights)
    rights.push_back(
        {{"resource", each.resource}, {"allowed", each.allowed}, {"missing", each.missing}});
  return {{"context", report.context},        {"namespace", report.name_space},
          {"server", report.server},          {"version", report.version},
          {"complete", report.is_complete()}, {"rights", rights}};
}

int check(const Common& common) {
  const auto report = check_access(common.place);
  if (common.json()) {
    print_answer(to_json(report));
  } else {
    print("on context " + report.context + ", namespace " + report.name_space + "\n" +
          report.server + " answers, Kubernetes " + report.version + "\n");
    Table table({"RESOURCE", "ALLOWED", "MISSING"});
    for (const auto& each : report.rights)
      table.add({each.resource, base::join(each.allowed, " "), base::join(each.missing, " ")});
    print(table.text());
  }
  if (report.is_complete()) return contract::exit_done;
  print_error("some of the rights that Lotse needs are missing in namespace " + report.name_space,
              "who runs the cluster can grant them by a Role in that namespace");
  return contract::exit_not_found;
}

Flag kubeconfig_flag(Common& common) {
  for (auto& flag : place_flags(common))
    if (flag.name == "kubeconfig") return flag;
  return {};
}

}  // namespace

Command context_command() {
  auto common = std::make_shared<Common>();
  auto name = std::make_shared<std::string>();
  auto raw = std::make_shared<bool>(false);
  Command list{"list", "local and the kubeconfig's contexts; * is where commands run", ""};
  list.flags = {output_flag(*common, {"text", "json", "name"}), kubeconfig_flag(*common)};
  list.run = [common] { return list_contexts(*common); };

  Command use{"use", "choose where commands run without --on; '' forgets the choice", ""};
  use.flags = {kubeconfig_flag(*common)};
  Positional argument;
  argument.name = "context";
  argument.help = "local, or a context of the kubeconfig";
  argument.complete = Complete::context;
  argument.set = [name](const std::string& given) { *name = given; };
  use.positionals = {argument};
  use.run = [common, name] {
    use_context(common->place, *name);
    const auto [context, source] = default_context(common->place);
    print("commands run on " + context + " (" + source + ")\n");
    return 0;
  };

  Command show{"show", "where commands run without --on, and why", ""};
  show.flags = {
      output_flag(*common), kubeconfig_flag(*common),
      switch_flag("raw", "the merged kubeconfig as it was understood, with its secrets", *raw)};
  show.run = [common, raw] {
    if (*raw) return show_raw(*common);
    const auto [context, source] = default_context(common->place);
    if (common->json())
      print_answer({{"context", context}, {"source", source}});
    else
      print(context + " (" + source + ")\n");
    return 0;
  };
  Command checking{"check", "does the server answer, and what may you do there",
                   long_help("check")};
  checking.flags = {output_flag(*common)};
  for (auto& flag : place_flags(*common)) checking.flags.push_back(flag);
  checking.run = [common] { return check(*common); };

  Command command{"context", "where commands run", long_help("context")};
  command.subcommands = {list, use, show, checking};
  return command;
}

}  // namespace lotse::cli
