#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "action/prepare.h"
#include "action/target.h"
#include "action/wait.h"
#include "cli/context/context.h"
#include "cli/output/print.h"
#include "cli/tree/command.h"
#include "template/package.h"

namespace lotse::cli {

/// The options that most commands share.
struct Common {
  Place place;
  std::string output = "text";
  bool json() const { return output == "json"; }
};

/// The flags that say where a command runs and how the server is asked: --on, --namespace,
/// --kubeconfig,
/// --verbose, --request-timeout, --exec-plugin-policy, --no-credential-cache.
std::vector<Flag> place_flags(Common& common);
/// The flag -o with these forms, of which the first is the default.
Flag output_flag(Common& common, const std::vector<std::string>& forms = {"text", "json"});
/// The argument NAME of a workload.
Positional workload_argument(std::string& name);
/// A switch that sets a bool.
Flag switch_flag(const std::string& name, const std::string& help, bool& into);
/// A flag that takes a text.
Flag text_flag(const std::string& name, const std::string& value, const std::string& help,
               std::string& into);

/// -f, which adds a values file each time it is given.
Flag values_flag(std::vector<std::filesystem::path>& into, const std::string& help);

/// --timeout and --give-up-after, as they are given.
struct PatienceGiven {
  std::string timeout;
  std::string give_up_after = "10m";

  std::vector<Flag> flags();
  action::Patience patience() const;  ///< throws Error(invalid) naming the flag
};

/// Makes the target of `common` and says on the first line where it is: on standard output, or on
/// standard error where the form of the output is not text.
std::unique_ptr<action::Target> announced_target(const Common& common);

/// A whole number from 0. Throws Error(invalid) naming `flag`.
int64_t whole_number(const std::string& flag, const std::string& text);
/// The runner's image: `given`, else, if `local`, a name that stands for the program beside this
/// one, else $LOTSE_IMAGE, which says where a cluster finds it. Throws Error(invalid) if there is
/// none.
std::string runner_image(const std::string& given, bool local);

/// The text of commands/VERB.md.
std::string long_help(const std::string& verb);

/// The objects that would be applied, without what Secrets hold, as YAML or JSON. Returns 0.
int print_objects(const Common& common, const action::Prepared& prepared);

/// For people: standard output, or standard error where that belongs to JSON or YAML.
void say(const Common& common, const std::string& text);
/// What a command answers with -o json: an object, to which this adds apiVersion. Its form is a
/// schema of docs/formats. Indented, or on a line of its own where several follow each other.
void print_answer(const nlohmann::json& answer);
void print_answer_line(const nlohmann::json& answer);
/// JSON whose form is not Lotse's own: Kubernetes objects, a kubeconfig. Indented.
void print_foreign_json(const nlohmann::json& document);

/// "lotse: MESSAGE" and the hint on a line of its own, on standard error.
void print_error(const std::string& message, const std::string& hint);

// One a verb, in VERB.cpp.
Command status_command();
Command list_command();
Command logs_command();
Command wait_command();
Command why_command();
Command delete_command();
Command get_command();
Command restart_command();
Command context_command();
Command version_command();
Command template_command();
Command lint_command();  ///< of `lotse template`
Command image_command();
Command exec_command();
Command connect_command();
Command debug_bundle_command();
Command gpus_command();
Command events_command();
Command top_command();
Command history_command();
Command diff_command();
Command rollback_command();
Command rerun_command();
Command scale_command();
Command stop_command();
Command start_command();
Command push_command();
Command fetch_command();

/// Whether a command has --template.
enum class OwnTemplate { allowed, named_already };
/// `command` with the flags of the template's schema and those of every run, which it carries out.
/// One that `plans` says what it would do and does nothing.
Command workload_command(Command command, tmpl::Template from, OwnTemplate own, bool plans);
/// The value that `arguments` give to a flag ("--template"), for flags that decide which others
/// there are; "" if it is not given.
std::string value_of_flag(const std::string& name, const std::vector<std::string>& arguments);
/// `lotse run TEMPLATE`: a subcommand for each template that `words` could name; the one that they
/// name has its flags. `words` begin behind "run". `all`: the flags of every built-in one that is
/// not a verb, and no other templates than those in this program.
Command run_template_command(const std::vector<std::string>& words, bool all, bool plans = false);
std::string run_template_help();  ///< its one line
/// The flags of every run, which no template may have, too.
std::vector<std::string> run_flag_names();

/// train, val, export, infer, serve: the flags come from the template's schema, so it is only read
/// for the verb that is `wanted`. `arguments` are looked through for --template. One that `plans`
/// says what it would do and does nothing.
Command run_command(const std::string& verb, const std::string& help, bool wanted,
                    const std::vector<std::string>& arguments, bool plans = false);

}  // namespace lotse::cli
