#include "action/lint.h"

#include <algorithm>

#include "base/error.h"
#include "cli/commands/common.h"
#include "cli/commands/template_path.h"
#include "contract/exit_code.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string which;
  std::string path;
};

nlohmann::json to_json(const action::LintReport& report) {
  nlohmann::json findings = nlohmann::json::array();
  for (const auto& [error, where, message, hint, with] : report.findings)
    findings.push_back({{"severity", error ? "error" : "warning"},
                        {"where", where},
                        {"message", message},
                        {"hint", hint},
                        {"with", with}});
  return {{"template", report.name}, {"renders", report.renders}, {"findings", findings}};
}

std::string to_text(const action::LintReport& report) {
  std::string text;
  for (const auto& [error, where, message, hint, with] : report.findings) {
    text += (error ? "error: " : "warning: ") + where + (where.empty() ? "" : ": ") + message;
    if (!with.empty()) text += " (with " + with + ")";
    text += "\n" + (hint.empty() ? "" : "  " + hint + "\n");
  }
  const auto errors = std::count_if(report.findings.begin(), report.findings.end(),
                                    [](const auto& finding) { return finding.error; });
  const auto warnings = static_cast<std::ptrdiff_t>(report.findings.size()) - errors;
  const auto count = [](auto number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
  };
  return text + report.name + ": " + count(report.renders, "render") + ", " +
         count(errors, "error") + ", " + count(warnings, "warning") + "\n";
}

/// Found by its folder's name, it would be called otherwise in the cluster.
void check_folder(const std::string& reference, action::LintReport& report) {
  if (!tmpl::is_template_path(reference)) return;
  auto folder = std::filesystem::canonical(reference).filename().string();
  if (folder != report.name)
    report.findings.push_back(
        {false, "template.yaml: name", "is " + report.name + ", but the folder is called " + folder,
         "`lotse run` finds it by the folder, and labels objects " + report.name});
}

int lint(const Options& options) {
  const auto reference = chosen_template(options.which, options.path);
  const auto from = tmpl::load_template(reference);
  auto report = action::lint_template(from, run_flag_names());
  check_folder(reference, report);
  if (options.common.json())
    print_answer(to_json(report));
  else
    print(to_text(report));
  return report.has_errors() ? contract::exit_invalid : contract::exit_done;
}

}  // namespace

Command lint_command() {
  auto options = std::make_shared<Options>();
  Command command{"lint", "is a template right, over all corners of its values", long_help("lint")};
  command.flags = {template_path_flag(options->path), output_flag(options->common)};
  Positional which;
  which.name = "template";
  which.help = "a template's name, or a folder (with a '/')";
  which.complete = Complete::template_name;
  which.set = [options](const std::string& given) { options->which = given; };
  command.positionals = {which};
  command.run = [options] { return lint(*options); };
  return command;
}

}  // namespace lotse::cli
