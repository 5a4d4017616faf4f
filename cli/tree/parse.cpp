#include "cli/tree/parse.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::cli {

namespace {

using base::Error;
using base::ErrorKind;
using Words = std::vector<std::string>;

std::string see_help(const Words& path) {
  return "see `" + base::join(path, " ") + " --help`";
}

std::string did_you_mean(const std::string& near, const Words& path) {
  return near.empty() ? see_help(path) : "did you mean " + near + "?";
}

/// A choice such as "jsonpath=" stands for every value that begins so.
bool is_choice(const std::string& choice, const std::string& value) {
  return choice.ends_with('=') ? value.starts_with(choice) : value == choice;
}

void check_choice(const std::string& name, const Words& choices, const std::string& value) {
  if (choices.empty() || std::any_of(choices.begin(), choices.end(),
                                     [&](const auto& choice) { return is_choice(choice, value); }))
    return;
  const auto near = base::closest(value, choices);
  throw Error(ErrorKind::invalid,
              name + " must be one of " + base::join(choices, ", ") + ", is '" + value + "'",
              near.empty() ? "" : "did you mean " + near + "?");
}

/// As Go's strconv.ParseBool reads it.
std::string switch_value(const std::string& name, const std::string& text) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return "true";
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return "false";
  throw Error(ErrorKind::invalid, name + " is true or false, not '" + text + "'");
}

bool is_flag(const std::string& word) {
  return word.size() > 1 && word[0] == '-' &&
         std::isdigit(static_cast<unsigned char>(word[1])) == 0;
}

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The flag that a word such as "--epochs=3", "--no-resume" or "-n" begins with.
const Flag* find_flag(const std::vector<Flag>& flags, const std::string& word) {
  const auto name = word.substr(0, word.find('='));
  for (const auto& flag : flags) {
    if (name == "--" + flag.name || (flag.negatable && name == "--no-" + flag.name)) return &flag;
    if (flag.letter != 0 && word[1] == flag.letter) return &flag;
  }
  return nullptr;
}

bool takes_value(const Flag& flag) {
  return !flag.value.empty() && flag.bare.empty();
}

/// What is meant by a flag that is not there: what other programs call it, one that it begins, one
/// that it begins with, or one that is written nearly so.
std::string nearest_flag(const Command& command, const std::string& name) {
  Words known = {"--help"};
  for (const auto& flag : command.flags) {
    if (contains(flag.elsewhere, name.substr(std::min<size_t>(name.size(), 2))))
      return "--" + flag.name;
    known.push_back("--" + flag.name);
    if (flag.negatable) known.push_back("--no-" + flag.name);
  }
  if (auto near = base::closest(name, known); !near.empty()) return near;
  constexpr size_t least = 5;  // "--" and three letters
  std::string longest;
  for (const auto& each : known) {
    const bool begins = name.size() >= least && each.starts_with(name);
    const bool begun = each.size() >= least && name.starts_with(each + "-");
    if ((begins || begun) && each.size() > longest.size()) longest = each;
  }
  return longest;
}

/// Reads the flags of one command, and hands them and its positionals out.
class Reader {
 public:
  Reader(const Command& command, const Words& path, const Words& words)
      : command_(command), path_(path), words_(words) {}

  void read() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      const auto& word = words_[at_];
      if (word == "--") {
        given_.insert(given_.end(), words_.begin() + static_cast<std::ptrdiff_t>(at_) + 1,
                      words_.end());
        break;
      }
      if (!is_flag(word))
        given_.push_back(word);
      else if (word[1] == '-')
        long_flag(word);
      else
        letters(word);
    }
    hand_out();
  }

 private:
  void long_flag(const std::string& word) {
    const auto sign = word.find('=');
    const auto name = word.substr(0, sign);
    const Flag* flag = find_flag(command_.flags, word);
    if (flag == nullptr) unknown(name);
    if (sign != std::string::npos) return set(*flag, name, word.substr(sign + 1));
    if (takes_value(*flag)) return set(*flag, name, next_word(*flag, name));
    set(*flag, name, flag->value.empty() ? "true" : flag->bare);
  }

  /// "-n team", "-nteam", "-n=team", "-it", "-f=false".
  void letters(const std::string& word) {
    for (size_t i = 1; i < word.size(); ++i) {
      const auto name = std::string("-") + word[i];
      const Flag* flag = find_flag(command_.flags, name);
      if (flag == nullptr) unknown(word.size() == 2 ? word : name + " (in " + word + ")");
      const auto rest = word.substr(i + 1);
      if (rest.starts_with('=')) return set(*flag, name, rest.substr(1));
      if (takes_value(*flag)) return set(*flag, name, rest.empty() ? next_word(*flag, name) : rest);
      set(*flag, name, flag->value.empty() ? "true" : flag->bare);
    }
  }

  std::string next_word(const Flag& flag, const std::string& name) {
    if (at_ + 1 < words_.size()) return words_[++at_];
    throw Error(ErrorKind::invalid, name + " needs a value: " + flag.value + " (" + flag.help + ")",
                see_help(path_));
  }

  static void set(const Flag& flag, const std::string& name, const std::string& value) {
    if (!flag.value.empty()) {
      check_choice(name, flag.choices, value);
      return flag.set(value);
    }
    const bool negated = flag.negatable && name == "--no-" + flag.name;
    flag.set((switch_value(name, value) == "true") != negated ? "true" : "false");
  }

  [[noreturn]] void unknown(const std::string& name) const {
    const auto message = "`" + base::join(path_, " ") + "` has no flag " + name;
    const auto& all = command_.positionals;
    if (!all.empty() && all.back().foreign && !given_.empty())
      throw Error(ErrorKind::invalid, message,
                  "if it is the other program's: `" + base::join(path_, " ") + " " + given_[0] +
                      " -- " + base::upper(all.back().name) + "...`");
    throw Error(ErrorKind::invalid, message,
                did_you_mean(nearest_flag(command_, name.substr(0, name.find(' '))), path_));
  }

  void hand_out() const {
    size_t next = 0;
    for (const auto& positional : command_.positionals) {
      const size_t first = next;
      while (next < given_.size() && (positional.repeats || next == first)) {
        check_choice(base::upper(positional.name), positional.choices, given_[next]);
        positional.set(given_[next++]);
      }
      if (positional.required && next == first)
        throw Error(ErrorKind::invalid,
                    base::upper(positional.name) + " is missing: " + positional.help,
                    see_help(path_));
    }
    if (next < given_.size())
      throw Error(ErrorKind::invalid, "'" + given_[next] + "' is one argument too many",
                  see_help(path_));
  }

  const Command& command_;
  const Words& path_;
  const Words& words_;
  size_t at_ = 0;
  Words given_;  ///< for the positionals
};

const Command* find(const Command& command, const std::string& name) {
  for (const auto& sub : command.subcommands)
    if (sub.name == name) return &sub;
  return nullptr;
}

[[noreturn]] void unknown_command(const Command& command, const Words& path,
                                  const std::string& given) {
  const auto where = "`" + base::join(path, " ") + "`";
  if (is_flag(given))
    throw Error(ErrorKind::invalid, where + " has no flag " + given.substr(0, given.find('=')),
                "the flags of a command stand behind its name");
  Words known, meant;
  for (const auto& sub : command.subcommands) {
    if (!sub.hidden) known.push_back(sub.name);
    if (contains(sub.elsewhere, given)) meant.push_back(sub.name);
  }
  const auto near = meant.empty() ? base::closest(given, known) : base::join(meant, " or ");
  throw Error(ErrorKind::invalid, where + " has no " + command.noun + " '" + given + "'",
              did_you_mean(near, path));
}

/// How many words a flag of the root takes that stands before the command's name; 0: it is none.
size_t leading_flag(const Command& root, const Words& arguments, size_t at) {
  const auto& word = arguments[at];
  const Flag* flag = is_flag(word) ? find_flag(root.flags, word) : nullptr;
  if (flag == nullptr) return 0;
  const bool alone = word[1] == '-' ? word.find('=') == std::string::npos : word.size() == 2;
  const size_t words = takes_value(*flag) && alone ? 2 : 1;
  return std::min(words, arguments.size() - at);
}

bool asks_for_help(const std::string& word) {
  return word == "--help" || word == "-h";
}

}  // namespace

Words command_words(const Command& root, const Words& arguments) {
  size_t at = 0;
  while (at < arguments.size()) {
    const size_t taken = leading_flag(root, arguments, at);
    if (taken == 0) break;
    at += taken;
  }
  return {arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end()};
}

Parsed parse(const Command& root, const Words& arguments) {
  Parsed parsed{&root, {root.name}, false};
  Words rest;  // flags before the name of the command, then what is behind it
  size_t used = 0;
  while (!parsed.command->subcommands.empty() && used < arguments.size()) {
    if (asks_for_help(arguments[used])) break;
    const size_t taken = std::max(leading_flag(root, arguments, used),
                                  leading_flag(*parsed.command, arguments, used));
    if (taken > 0) {
      for (const size_t end = used + taken; used < end; ++used) rest.push_back(arguments[used]);
      continue;
    }
    const Command* sub = find(*parsed.command, arguments[used]);
    if (sub == nullptr) unknown_command(*parsed.command, parsed.path, arguments[used]);
    parsed.command = sub;
    parsed.path.push_back(sub->name);
    ++used;
  }
  rest.insert(rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(used), arguments.end());
  parsed.help = std::any_of(rest.begin(), std::find(rest.begin(), rest.end(), "--"), asks_for_help);
  if (parsed.help) return parsed;
  if (!parsed.command->subcommands.empty()) {
    parsed.help = parsed.command == &root;  // the program's name alone says what there is
    if (!parsed.help)
      throw Error(ErrorKind::invalid,
                  "`" + base::join(parsed.path, " ") + "` needs a " + parsed.command->noun,
                  see_help(parsed.path));
    return parsed;
  }
  Reader(*parsed.command, parsed.path, rest).read();
  return parsed;
}

}  // namespace lotse::cli
