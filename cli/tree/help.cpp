#include "cli/tree/help.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::cli {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Two columns; a left side too long for its column gets a line of its own. Widths are in columns
/// of a terminal of 100.
std::string columns(const Rows& rows) {
  constexpr size_t most = 28;
  size_t width = 0;
  for (const auto& [left, right] : rows)
    if (left.size() <= most) width = std::max(width, left.size());
  std::string text;
  for (const auto& [left, right] : rows) {
    text += "  " + left;
    if (left.size() > width)
      text += "\n  " + std::string(width, ' ');
    else
      text += std::string(width - left.size(), ' ');
    text += "  ";
    size_t column = width + 4;
    for (const auto& word : base::split(right, ' ')) {
      if (column + word.size() + 1 > 100 && column > width + 4) {
        text += "\n" + std::string(width + 4, ' ');
        column = width + 4;
      }
      text += (column > width + 4 ? " " : "") + word;
      column += word.size() + 1;
    }
    text += "\n";
  }
  return text;
}

std::string usage(const Command& command, const std::vector<std::string>& path) {
  std::string text = "Usage: " + base::join(path, " ");
  if (!command.flags.empty()) text += " [FLAGS]";
  if (!command.subcommands.empty()) text += " " + base::upper(command.noun);
  for (const auto& positional : command.positionals) {
    const std::string name = base::upper(positional.name) + (positional.repeats ? "..." : "");
    text += positional.required ? " " + name : " [" + name + "]";
  }
  return text + "\n";
}

std::pair<std::string, std::string> flag_row(const Flag& flag) {
  std::string left = flag.letter != 0 ? std::string("-") + flag.letter + ", " : "    ";
  left += flag.negatable ? "--[no-]" + flag.name : "--" + flag.name;
  if (!flag.value.empty()) left += flag.bare.empty() ? " " + flag.value : "[=" + flag.value + "]";
  std::string right = flag.help;
  if (!flag.choices.empty()) right += " {" + base::join(flag.choices, ",") + "}";
  if (!flag.standard.empty()) right += " [" + flag.standard + "]";
  if (flag.repeats) right += " (may be given again)";
  return {left, right};
}

}  // namespace

std::string help_text(const Command& command, const std::vector<std::string>& path) {
  std::string text = command.long_help.empty() ? command.help + "\n" : command.long_help;
  text += "\n" + usage(command, path);
  Rows arguments;
  for (const auto& positional : command.positionals) {
    std::string help = positional.help;
    if (!positional.choices.empty()) help += " {" + base::join(positional.choices, ",") + "}";
    arguments.emplace_back(base::upper(positional.name), help);
  }
  if (!arguments.empty()) text += "\nArguments:\n" + columns(arguments);
  std::vector<std::string> groups;
  for (const auto& flag : command.flags)
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end())
      groups.push_back(flag.group);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.empty() && !b.empty(); });
  for (const auto& group : groups) {
    Rows rows;
    for (const auto& flag : command.flags)
      if (flag.group == group) rows.push_back(flag_row(flag));
    text += "\n" + (group.empty() ? std::string("Flags") : group) + ":\n" + columns(rows);
  }
  Rows commands;
  for (const auto& sub : command.subcommands)
    if (!sub.hidden) commands.emplace_back(sub.name, sub.help);
  if (!commands.empty()) {
    const auto noun = base::upper(command.noun);
    text += "\n" + noun.substr(0, 1) + command.noun.substr(1) + "s:\n" + columns(commands) + "\n`" +
            base::join(path, " ") + " " + noun + " --help` says more.\n";
  }
  return text;
}

}  // namespace lotse::cli
