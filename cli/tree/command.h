#pragma once
#include <functional>
#include <string>
#include <vector>

/// The command tree as plain data: parsing, help, completion and "did you mean" all read it. Both
/// programs have one.
namespace lotse::cli {

/// What a value is, for completion: dynamic ones are asked of `lotse __complete`.
enum class Complete { nothing, file, folder, workload, context, template_name, choices };

struct Flag {
  std::string name;  ///< "epochs" for --epochs
  char letter = 0;   ///< 'n' for -n
  std::string help;
  std::string value = "";                 ///< what the value is called, e.g. "N"; empty: a switch
  std::string standard = "";              ///< shown default
  std::vector<std::string> choices = {};  ///< "x=" stands for all values that begin so
  Complete complete = Complete::nothing;
  std::string bare =
      "";  ///< the value of --NAME without "=VALUE"; then it never takes the next word
  bool repeats = false;
  bool negatable = false;  ///< a switch that has --no-NAME
  /// Called once for each time it is given: the value, or "true"/"false" for switches.
  std::function<void(const std::string&)> set;
  std::string group = "";                   ///< heading in the help; "" first
  std::vector<std::string> elsewhere = {};  ///< other programs' names for it, for "did you mean"
};

struct Positional {
  std::string name;
  std::string help;
  bool required = true;
  bool repeats = false;
  std::vector<std::string> choices = {};
  Complete complete = Complete::nothing;
  std::function<void(const std::string&)> set;
  bool foreign = false;  ///< words of another program, whose flags are not ours
};

struct Command {
  std::string name;
  std::string help;       ///< one line
  std::string long_help;  ///< text of VERB.md; may be empty
  std::vector<Flag> flags;
  std::vector<Positional> positionals;
  std::vector<Command> subcommands;
  bool hidden = false;
  std::function<int()> run;                 ///< exit code; throws base::Error
  std::vector<std::string> elsewhere = {};  ///< other programs' names for it, for "did you mean"
  std::string noun = "command";             ///< what its subcommands are called
};

}  // namespace lotse::cli
