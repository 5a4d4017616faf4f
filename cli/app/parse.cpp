#include "cli/app/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::cli {

namespace {

using base::Error;
using base::ErrorKind;

std::string names_of(const Flag& flag) {
  std::string names = "--" + flag.name;
  if (flag.letter != 0) names += std::string(",-") + flag.letter;
  return names;
}

std::string command_line(const std::vector<std::string>& path) {
  return base::join(path, " ");
}

std::string see_help(const std::vector<std::string>& path) {
  return "see `" + command_line(path) + " --help`";
}

/// A choice such as "jsonpath=" stands for every value that begins so.
bool is_choice(const std::string& choice, const std::string& value) {
  return choice.ends_with('=') ? value.starts_with(choice) : value == choice;
}

void check_choice(const std::string& name, const std::vector<std::string>& choices,
                  const std::string& value) {
  if (choices.empty() || std::any_of(choices.begin(), choices.end(),
                                     [&](const auto& choice) { return is_choice(choice, value); }))
    return;
  const auto near = base::closest(value, choices);
  throw Error(ErrorKind::invalid,
              name + " must be one of " + base::join(choices, ", ") + ", is '" + value + "'",
              near.empty() ? "" : "did you mean " + near + "?");
}

void bind_switch(CLI::App& app, const Flag& flag) {
  std::string names = names_of(flag);
  if (flag.negatable) names += ",!--no-" + flag.name;
  app.add_flag_function(names, [&flag](int64_t count) { flag.set(count > 0 ? "true" : "false"); });
}

void bind_value(CLI::App& app, const Flag& flag) {
  app.add_option(names_of(flag),
                 [&flag](const CLI::results_t& values) {
                   for (const auto& value : values) {
                     check_choice("--" + flag.name, flag.choices, value);
                     flag.set(value);
                   }
                   return true;
                 })
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(flag.repeats ? CLI::MultiOptionPolicy::TakeAll
                                         : CLI::MultiOptionPolicy::TakeLast);
}

/// Positionals are taken from what CLI11 leaves over, so that flags may stand anywhere among them
/// and mistakes are told in our words.
void take_positionals(const Command& command, const std::vector<std::string>& path,
                      const std::vector<std::string>& given) {
  size_t next = 0;
  for (const auto& positional : command.positionals) {
    const size_t first = next;
    while (next < given.size() && (positional.repeats || next == first)) {
      check_choice(base::upper(positional.name), positional.choices, given[next]);
      positional.set(given[next++]);
    }
    if (positional.required && next == first)
      throw Error(ErrorKind::invalid,
                  base::upper(positional.name) + " is missing: " + positional.help, see_help(path));
  }
  if (next < given.size())
    throw Error(ErrorKind::invalid, "'" + given[next] + "' is one argument too many",
                see_help(path));
}

[[noreturn]] void unknown_flag(const Command& command, const std::vector<std::string>& path,
                               const std::string& given) {
  const auto name = given.substr(0, given.find('='));
  std::vector<std::string> known = {"--help"};
  for (const auto& flag : command.flags) {
    known.push_back("--" + flag.name);
    if (flag.negatable) known.push_back("--no-" + flag.name);
  }
  const auto near = base::closest(name, known);
  throw Error(ErrorKind::invalid, "`" + command_line(path) + "` has no flag " + name,
              near.empty() ? see_help(path) : "did you mean " + near + "?");
}

void check_leftovers(const Command& command, const std::vector<std::string>& path,
                     const std::vector<std::string>& left, size_t after_dashes) {
  for (size_t i = 0; i < left.size() - after_dashes; ++i)
    if (left[i].size() > 1 && left[i][0] == '-' &&
        !std::isdigit(static_cast<unsigned char>(left[i][1])))
      unknown_flag(command, path, left[i]);
}

void parse_flags(const Command& command, const std::vector<std::string>& path,
                 std::vector<std::string> arguments) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const auto& flag : command.flags) {
    if (flag.value.empty())
      bind_switch(app, flag);
    else
      bind_value(app, flag);
  }
  std::vector<std::string> behind;  // after "--" nothing is a flag
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  if (dashes != arguments.end()) {
    behind.assign(dashes + 1, arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  for (auto& argument : arguments)
    for (const auto& flag : command.flags)
      if (!flag.bare.empty() && argument == "--" + flag.name) argument += "=" + flag.bare;
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants its vector
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::invalid, error.what(), see_help(path));
  }
  auto left = app.remaining();
  left.insert(left.end(), behind.begin(), behind.end());
  check_leftovers(command, path, left, behind.size());
  take_positionals(command, path, left);
}

const Command* find(const Command& command, const std::string& name) {
  for (const auto& sub : command.subcommands)
    if (sub.name == name) return &sub;
  return nullptr;
}

[[noreturn]] void unknown_command(const Command& command, const std::vector<std::string>& path,
                                  const std::string& given) {
  if (given.starts_with("-")) unknown_flag(command, path, given);
  std::vector<std::string> known;
  for (const auto& sub : command.subcommands)
    if (!sub.hidden) known.push_back(sub.name);
  const auto near = base::closest(given, known);
  throw Error(ErrorKind::invalid, "`" + command_line(path) + "` has no command '" + given + "'",
              near.empty() ? see_help(path) : "did you mean " + near + "?");
}

}  // namespace

Parsed parse(const Command& root, const std::vector<std::string>& arguments) {
  Parsed parsed{&root, {root.name}, false};
  size_t used = 0;
  while (!parsed.command->subcommands.empty() && used < arguments.size()) {
    if (arguments[used] == "--help" || arguments[used] == "-h") break;
    const Command* sub = find(*parsed.command, arguments[used]);
    if (sub == nullptr) unknown_command(*parsed.command, parsed.path, arguments[used]);
    parsed.command = sub;
    parsed.path.push_back(sub->name);
    ++used;
  }
  const std::vector<std::string> rest(arguments.begin() + static_cast<std::ptrdiff_t>(used),
                                      arguments.end());
  const auto end = std::find(rest.begin(), rest.end(), "--");
  parsed.help =
      std::any_of(rest.begin(), end, [](const auto& a) { return a == "--help" || a == "-h"; });
  if (parsed.help) return parsed;
  if (!parsed.command->subcommands.empty()) {
    parsed.help = parsed.command == &root;  // `lotse` alone says what there is
    if (!parsed.help)
      throw Error(ErrorKind::invalid, "`" + command_line(parsed.path) + "` needs a command",
                  see_help(parsed.path));
    return parsed;
  }
  parse_flags(*parsed.command, parsed.path, rest);
  return parsed;
}

}  // namespace lotse::cli
