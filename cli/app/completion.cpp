#include "cli/app/completion.h"

#include <algorithm>

#include "action/status.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/commands/template_path.h"
#include "cli/context/context.h"

namespace lotse::cli {

namespace {

std::string dynamic_word(Complete complete) {
  switch (complete) {
    case Complete::workload:
      return "workload";
    case Complete::context:
      return "context";
    case Complete::template_name:
      return "template";
    default:
      return "";
  }
}

std::string quoted(const std::string& text) {
  return "'" + base::replace_all(text, "'", "'\\''") + "'";
}

/// Words that say how a value is completed: a list, `$(lotse __complete ...)`, or the shell's
/// files.
std::string source_of(const std::vector<std::string>& choices, Complete complete) {
  if (!choices.empty()) return "choices " + base::join(choices, " ");
  if (const auto word = dynamic_word(complete); !word.empty()) return "names " + word;
  if (complete == Complete::file) return "files";
  if (complete == Complete::folder) return "folders";
  return "nothing";
}

struct Walk {
  const Command* command;
  std::string path;  ///< "lotse template render"
};

void collect(const Command& command, const std::string& path, std::vector<Walk>& all) {
  all.push_back({&command, path});
  for (const auto& sub : command.subcommands)
    if (!sub.hidden) collect(sub, path + " " + sub.name, all);
}

std::vector<std::string> flag_words(const Command& command) {
  std::vector<std::string> words;
  for (const auto& flag : command.flags) {
    words.push_back("--" + flag.name);
    if (flag.negatable) words.push_back("--no-" + flag.name);
    if (flag.letter != 0) words.push_back(std::string("-") + flag.letter);
  }
  words.emplace_back("--help");
  return words;
}

std::string value_pattern(const Flag& flag) {
  std::string pattern = "--" + flag.name;
  if (flag.letter != 0) pattern += std::string("|-") + flag.letter;
  return pattern;
}

/// Shell functions that bash and zsh share: what may stand for a path of commands.
std::string tables(const std::vector<Walk>& walks) {
  std::string commands = "_lotse_commands() {\n  case \"$1\" in\n";
  std::string flags = "_lotse_flags() {\n  case \"$1\" in\n";
  std::string values = "_lotse_value() {\n  case \"$1 $2\" in\n";
  std::string places = "_lotse_place() {\n  case \"$1\" in\n";
  for (const auto& [command, path] : walks) {
    std::vector<std::string> subs;
    for (const auto& sub : command->subcommands)
      if (!sub.hidden) subs.push_back(sub.name);
    if (!subs.empty())
      commands += "    " + quoted(path) + ") echo " + quoted(base::join(subs, " ")) + " ;;\n";
    flags +=
        "    " + quoted(path) + ") echo " + quoted(base::join(flag_words(*command), " ")) + " ;;\n";
    for (const auto& flag : command->flags) {
      if (flag.value.empty() || !flag.bare.empty()) continue;
      std::string pattern;
      for (const auto& name : base::split(value_pattern(flag), '|')) {
        pattern += pattern.empty() ? "" : "|";
        pattern += quoted(base::cat(path, " ", name));
      }
      values +=
          "    " + pattern + ") echo " + quoted(source_of(flag.choices, flag.complete)) + " ;;\n";
    }
    if (command->noun == "template") {
      places += "    " + quoted(path) + ") echo 'names template' ;;\n";
    } else if (!command->positionals.empty()) {
      const auto& last = command->positionals.back();
      const auto& first = command->positionals.front();
      const auto& shown = source_of(first.choices, first.complete) != "nothing" ? first : last;
      places += "    " + quoted(path) + ") echo " +
                quoted(source_of(shown.choices, shown.complete)) + " ;;\n";
    }
  }
  const std::string end = "  esac\n}\n";
  return commands + end + flags + end + values + end + places + end;
}

constexpr auto bash_tail = R"SH(
# Finds the command's path among the words before the cursor; fills COMPREPLY.
_lotse() {
  local word=${COMP_WORDS[COMP_CWORD]} path=lotse i source
  local previous=${COMP_WORDS[COMP_CWORD-1]}
  [ "$word" = "=" ] && word=
  [ "$previous" = "=" ] && previous=${COMP_WORDS[COMP_CWORD-2]}
  for ((i = 1; i < COMP_CWORD; i++)); do
    case " $(_lotse_commands "$path") " in *" ${COMP_WORDS[i]} "*) path="$path ${COMP_WORDS[i]}" ;; esac
  done
  source=$(_lotse_value "$path" "$previous")
  if [ -z "$source" ]; then
    case "$word" in
      -*)
        source=$(_lotse_flags "$path")
        case "$path" in
          "lotse run"|"lotse plan run")
            source="$source $(lotse __complete flags -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" ;;
        esac
        COMPREPLY=($(compgen -W "$source" -- "$word")); return ;;
    esac
    source=$(_lotse_place "$path")
    [ -z "$source" ] && source="choices $(_lotse_commands "$path")"
  fi
  case "$source" in
    "choices "*) COMPREPLY=($(compgen -W "${source#choices }" -- "$word")) ;;
    "names "*) COMPREPLY=($(compgen -W "$(lotse __complete "${source#names }" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "$word")) ;;
    files) COMPREPLY=($(compgen -f -- "$word")) ;;
    folders) COMPREPLY=($(compgen -d -- "$word")) ;;
  esac
}
complete -o filenames -F _lotse lotse
)SH";

constexpr auto zsh_tail = R"SH(
_lotse() {
  local path_=lotse word source i
  local -a known
  for ((i = 2; i < CURRENT; i++)); do
    known=(${=$(_lotse_commands "$path_")})
    (( ${known[(Ie)${words[i]}]} )) && path_="$path_ ${words[i]}"
  done
  word=${words[CURRENT]}
  source=$(_lotse_value "$path_" "${words[CURRENT-1]}")
  if [[ -z $source ]]; then
    if [[ $word == -* ]]; then
      compadd -- ${=$(_lotse_flags "$path_")}
      if [[ $path_ == "lotse run" || $path_ == "lotse plan run" ]]; then
        compadd -- ${(f)"$(lotse __complete flags -- ${words[2,CURRENT-1]} 2>/dev/null)"}
      fi
      return
    fi
    source=$(_lotse_place "$path_")
    [[ -z $source ]] && source="choices $(_lotse_commands "$path_")"
  fi
  case "$source" in
    "choices "*) compadd -- ${=source#choices } ;;
    "names "*) compadd -- ${(f)"$(lotse __complete "${source#names }" -- ${words[2,CURRENT-1]} 2>/dev/null)"} ;;
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [ "$funcstack[1]" = "_lotse" ]; then _lotse "$@"; else compdef _lotse lotse; fi
)SH";

std::string fish_condition(const Walk& walk) {
  const auto words = base::split(walk.path, ' ');
  return quoted("__lotse_at " + base::join({words.begin() + 1, words.end()}, " "));
}

std::string fish_source(const std::vector<std::string>& choices, Complete complete) {
  if (!choices.empty()) return " -a " + quoted(base::join(choices, " "));
  if (const auto word = dynamic_word(complete); !word.empty())
    return " -a " +
           quoted("(lotse __complete " + word + " -- (commandline -opc)[2..-1] 2>/dev/null)");
  if (complete == Complete::file) return " -F";
  if (complete == Complete::folder) return " -a '(__fish_complete_directories)'";
  return "";
}

std::string fish_script(const std::vector<Walk>& walks) {
  std::vector<std::string> paths;
  paths.reserve(walks.size());
  for (const auto& walk : walks) paths.push_back(walk.path);
  std::string text = "set -g __lotse_paths";
  for (const auto& path : paths) text += " " + quoted(path);
  text += R"SH(

# True if the words before the cursor name exactly this command.
function __lotse_at
    set -l path lotse
    for word in (commandline -opc)[2..-1]
        contains -- "$path $word" $__lotse_paths; and set path "$path $word"
    end
    test "$path" = (string join ' ' lotse $argv)
end
complete -c lotse -f
)SH";
  for (const auto& walk : walks) {
    const auto start = "complete -c lotse -n " + fish_condition(walk);
    for (const auto& sub : walk.command->subcommands)
      if (!sub.hidden) text += start + " -a " + quoted(sub.name) + " -d " + quoted(sub.help) + "\n";
    if (walk.command->noun == "template")
      text += start + fish_source({}, Complete::template_name) + "\n" + start +
              " -a '(lotse __complete flags -- (commandline -opc)[2..-1] 2>/dev/null)'\n";
    for (const auto& flag : walk.command->flags) {
      text +=
          start + " -l " + flag.name + (flag.letter != 0 ? std::string(" -s ") + flag.letter : "");
      if (!flag.value.empty() && flag.bare.empty())
        text += " -r" + fish_source(flag.choices, flag.complete);
      text += " -d " + quoted(flag.help) + "\n";
      if (flag.negatable) text += start + " -l no-" + flag.name + "\n";
    }
    text += start + " -l help -d 'what it does and takes'\n";
    for (const auto& positional : walk.command->positionals)
      if (const auto source = fish_source(positional.choices, positional.complete); !source.empty())
        text += start + source + "\n";
  }
  return text;
}

/// What stands behind one of these names of a flag, if anything; bash parts --flag=value in three.
std::string value_in(const std::vector<std::string>& words, const std::string& name,
                     const std::string& letter = "") {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != name && (letter.empty() || words[i] != letter)) continue;
    const auto value = words[i + 1] == "=" ? i + 2 : i + 1;
    return value < words.size() ? words[value] : "";
  }
  for (const auto& word : words)
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  return "";
}

/// Where what is typed is to happen.
Place place_in(const std::vector<std::string>& words) {
  Place place;
  place.on = value_in(words, "--on");
  place.name_space = value_in(words, "--namespace", "-n");
  place.kubeconfig = value_in(words, "--kubeconfig");
  return place;
}

}  // namespace

std::string completion_script(const Command& root, const std::string& shell) {
  std::vector<Walk> walks;
  collect(root, root.name, walks);
  const std::string made = "# Made by `lotse completion " + shell + "` from the command tree.\n";
  if (shell == "fish") return made + fish_script(walks);
  if (shell == "zsh") return "#compdef lotse\n" + made + tables(walks) + zsh_tail;
  return made + tables(walks) + bash_tail;
}

std::vector<std::string> complete_names(const std::string& what,
                                        const std::vector<std::string>& words) {
  std::vector<std::string> names;
  try {
    if (what == "workload") {
      auto place = place_in(words);
      place.may_ask = false;                            // the shell is reading the terminal
      place.request_timeout = std::chrono::seconds(2);  // and the user waits
      const auto target = make_target(place);
      names = target->names();
    } else if (what == "context") {
      for (const auto& row : contexts(place_in(words))) names.push_back(row.name);
    } else if (what == "template") {
      for (const auto& one : tmpl::candidates(template_folders("")))
        if (std::find(names.begin(), names.end(), one.name) == names.end())
          names.push_back(one.name);
    }
  } catch (const std::exception&) {
    names.clear();
  }
  return names;
}

std::vector<std::string> complete_flags(const std::vector<std::string>& words) {
  try {
    const auto found = std::find(words.begin(), words.end(), "run");
    if (found == words.end()) return {};
    const auto run = run_template_command({found + 1, words.end()}, false);
    return run.subcommands.size() == 1 ? flag_words(run.subcommands[0])
                                       : std::vector<std::string>{};
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace lotse::cli
