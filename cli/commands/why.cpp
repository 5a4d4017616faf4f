#include "action/why.h"

#include "base/strings.h"
#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
};

std::string some_of(const std::vector<std::string>& objects) {
  constexpr size_t shown = 3;
  std::string text;
  for (size_t i = 0; i < std::min(shown, objects.size()); ++i)
    text += (i > 0 ? ", " : "") + objects[i];
  return objects.size() <= shown ? text
                                 : text + base::cat(" and ", objects.size() - shown, " more");
}

std::string in_words(const action::Explanation& explanation) {
  const auto& state = explanation.state;
  auto text = state.name + ": " + workload::to_string(state.phase) +
              (state.causes.empty() ? "; nothing is wrong with it\n" : "\n");
  size_t number = 0;
  for (const auto& cause : state.causes)
    text += base::cat(++number, ". ", cause.code.kind().code, "  ", some_of(cause.objects), "\n   ",
                      cause.evidence, "\n   -> ", workload::advice_for(cause, state.name), "\n");
  for (const auto& note : explanation.notes) text += note + "\n";
  return text;
}

nlohmann::json to_json(const action::Explanation& explanation) {
  const auto& state = explanation.state;
  nlohmann::json causes = nlohmann::json::array();
  for (const auto& cause : state.causes) causes.push_back(workload::to_json(cause, state.name));
  return {{"name", state.name},
          {"phase", workload::to_string(state.phase)},
          {"causes", causes},
          {"notes", explanation.notes}};
}

int run_why(const Options& options) {
  const auto target = announced_target(options.common);
  const auto explanation = action::why(*target, options.name);
  if (options.common.json())
    print_answer(to_json(explanation));
  else
    print(in_words(explanation));
  return 0;
}

}  // namespace

Command why_command() {
  auto options = std::make_shared<Options>();
  Command command{"why", "why a workload is not well, and what to do", long_help("why")};
  command.flags = {output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return run_why(*options); };
  return command;
}

}  // namespace lotse::cli
