#include <unistd.h>

#include <algorithm>
#include <optional>
#include <type_traits>

#include "action/attach.h"
#include "action/capabilities.h"
#include "action/plan.h"
#include "action/status.h"
#include "action/submit.h"
#include "action/wait.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/changes.h"
#include "cli/output/event_line.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"
#include "contract/exit_code.h"
#include "object/member.h"
#include "object/pod_template.h"

namespace lotse::cli {

namespace {

using base::Error;

struct Options {
  Common common;
  std::string template_folder;
  std::string dry_run;  ///< "", "client" or "server"
  PatienceGiven patience;
  bool detach = false;
  bool plans = false;  ///< `lotse plan VERB`: nothing is applied
  action::PrepareOptions prepare;
  bool runs_the_runner = true;  ///< its image stands in where none is named
  action::SubmitOptions submit;
  tmpl::Template from;
};

std::string value_name(schema::FlagType type) {
  switch (type) {
    case schema::FlagType::boolean:
      return "";
    case schema::FlagType::integer:
    case schema::FlagType::integer_list:
      return "N";
    case schema::FlagType::number:
      return "X";
    case schema::FlagType::map:
      return "KEY=VALUE";
    case schema::FlagType::document:
      return "FILE";
    default:
      return "TEXT";
  }
}

std::string in_words(schema::FlagType type) {
  switch (type) {
    case schema::FlagType::integer:
    case schema::FlagType::integer_list:
      return "whole number of 64 bits";
    case schema::FlagType::number:
      return "number";
    case schema::FlagType::boolean:
      return "true or false";
    default:
      return "KEY=VALUE";
  }
}

/// Lists grow by each flag given, an item or several with commas for numbers, and so do maps; the
/// rest is replaced.
void take_value(Options& options, const schema::Flag& flag, const std::string& text) {
  const std::string where = flag.positional ? base::upper(flag.name) : "--" + flag.name;
  const auto one = [&](const std::string& item) {
    const auto value = schema::parse_flag(flag, item);
    if (!value) throw Error({{where, "'" + item + "' is no " + in_words(flag.type), flag.help}});
    return *value;
  };
  auto& given = options.prepare.flags;
  if (flag.type == schema::FlagType::text_list || flag.type == schema::FlagType::integer_list) {
    auto& list = given.try_emplace(flag.key, nlohmann::json::array()).first->second;
    const auto items =
        flag.type == schema::FlagType::integer_list ? base::split(text, ',') : std::vector{text};
    for (const auto& item : items) {
      const auto value = one(item);
      if (value.is_array())
        list.insert(list.end(), value.begin(), value.end());
      else
        list.push_back(value);
    }
  } else if (flag.type == schema::FlagType::map) {
    given.try_emplace(flag.key, nlohmann::json::object()).first->second.update(one(text));
  } else {
    given[flag.key] = one(text);
  }
}

std::string shown(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string shown_default(const schema::Flag& flag) {
  const auto& value = flag.default_value;
  if (value.is_null() || value == "" || value.empty()) return "";
  if (!value.is_array()) return shown(value);
  std::vector<std::string> each;
  for (const auto& one : value) each.push_back(shown(one));
  return base::join(each, ", ");
}

void add_schema_flags(const std::shared_ptr<Options>& options, Command& command) {
  for (const auto& each : options->from.flags()) {
    const bool file = each.file != schema::FileUse::none || each.type == schema::FlagType::document;
    const auto complete = file ? Complete::file : Complete::nothing;
    const auto set = [options, each](const std::string& text) { take_value(*options, each, text); };
    const bool list =
        each.type == schema::FlagType::text_list || each.type == schema::FlagType::integer_list;
    if (each.positional) {
      // Not required here: a values file may give it; the schema says so if nothing does.
      command.positionals.push_back(
          {each.name, each.help, false, list, each.choices, complete, set});
      continue;
    }
    Flag flag;
    flag.name = each.name;
    flag.help = each.help;
    flag.value = value_name(each.type);
    flag.standard = shown_default(each);
    flag.choices = each.choices;
    flag.complete = complete;
    flag.repeats = list || each.type == schema::FlagType::map;
    flag.negatable = each.type == schema::FlagType::boolean;
    flag.set = set;
    flag.group = each.group;
    command.flags.push_back(flag);
  }
}

void add_run_flags(const std::shared_ptr<Options>& shared, Command& command, OwnTemplate own) {
  Options& options = *shared;
  std::vector<Flag> flags = {
      text_flag("name", "NAME", "the workload's name; default: one is made", options.prepare.name),
      text_flag("image", "IMAGE",
                options.runs_the_runner ? "the runner's image; default: $LOTSE_IMAGE"
                                        : "the image that the pods run",
                options.prepare.image),
      switch_flag("replace", "end an earlier run of this name that goes on with other values",
                  options.submit.replace),
      switch_flag("force-conflicts", "take fields that other field managers own, in a cluster",
                  options.submit.force_conflicts)};
  if (own == OwnTemplate::allowed) {
    Flag folder = text_flag("template", "DIR", "a template of your own instead of the built-in one",
                            options.template_folder);
    folder.complete = Complete::folder;
    flags.insert(flags.begin() + 2, folder);
  }
  const Flag values =
      values_flag(options.prepare.values_files,
                  "values from a YAML or JSON file, - for standard input; flags override them");
  Flag set = text_flag("set", "KEY=VALUE", "one value, as in a values file; also KEY.INNER=VALUE",
                       options.template_folder);
  set.repeats = true;
  set.set = [shared](const std::string& text) { shared->prepare.sets.push_back(text); };
  Flag dry_run;
  dry_run.name = "dry-run";
  dry_run.value = "WHERE";
  dry_run.bare = "client";
  dry_run.help = "print the objects and apply nothing; server: after the cluster's own checks";
  dry_run.choices = {"client", "server"};
  dry_run.set = [shared](const std::string& where) { shared->dry_run = where; };
  flags.insert(flags.end(), {values, set});
  if (!options.plans) {
    flags.push_back(dry_run);
    flags.push_back(switch_flag("detach", "do not wait; `lotse logs -f` and `lotse wait` follow it",
                                options.detach));
    for (auto& flag : options.patience.flags()) flags.push_back(flag);
  }
  for (auto& flag : flags) {
    flag.group = "Run";
    command.flags.push_back(flag);
  }
  Flag output = output_flag(options.common, {"text", "json", "yaml"});
  output.group = "Run";
  command.flags.push_back(output);
  for (auto& flag : place_flags(options.common)) command.flags.push_back(flag);
}

/// After --dry-run=server: the objects, and what the server would not do with them.
int try_out(const Options& options, action::Target& target, const action::Prepared& prepared) {
  if (target.is_local())
    throw Error(base::ErrorKind::invalid, "--dry-run=server needs a cluster",
                "this machine has no server; --dry-run renders the objects");
  const auto plan = action::plan(target, prepared, options.submit);
  for (const auto& obstacle : plan.obstacles) print_error(obstacle_line(obstacle), "");
  if (plan.impossible()) return contract::exit_impossible;
  return print_objects(options.common, prepared);
}

int show_plan(const Options& options, action::Target& target, const action::Prepared& prepared) {
  const auto plan = action::plan(target, prepared, options.submit);
  if (options.common.json())
    print_answer(cli::to_json(plan, prepared.name));
  else
    print(cli::in_words(plan, prepared.name));
  if (plan.impossible()) return contract::exit_impossible;
  return plan.changes_something() ? contract::exit_changes : contract::exit_done;
}

std::string on_flag(const Options& options, const action::Target& target) {
  const auto& given = options.common.place.on;
  const std::string on = !given.empty() ? " --on " + given : target.is_local() ? " --on local" : "";
  return on +
         (options.common.place.name_space.empty() ? "" : " -n " + options.common.place.name_space);
}

std::string follow_up(const std::string& name, const std::string& where) {
  return "follow:  lotse logs -f " + name + where + "\ndelete:  lotse delete " + name + where +
         "\n";
}

/// What `work` returns, or nothing if the user interrupts it.
template <class Work>
std::optional<std::invoke_result_t<Work>> unless_interrupted(Work work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() != base::ErrorKind::interrupted) throw;
    return std::nullopt;
  }
}

/// After Ctrl-C: only the watching has ended.
int goes_on(const Options& options, const action::Target& target, const std::string& name) {
  say(options.common, "\n'" + name + "' goes on: " + target.describe() + "\n" +
                          follow_up(name, on_flag(options, target)));
  return contract::exit_interrupted;
}

int attach_to_run(const Options& options, action::Target& target, const std::string& name,
                  const action::Patience& patience) {
  Progress progress(options.common.json(), ::isatty(STDOUT_FILENO) != 0);
  std::string last_reason;
  action::AttachSinks sinks;
  sinks.line = [&](const action::LogLine& line) {
    const bool first = !line.rank || *line.rank == 0;
    const auto event = first ? std::nullopt : contract::decode(line.text);
    const bool rank_0_shows_it =
        event && event->type == "progress" && !event->fields.contains("workers");
    if (rank_0_shows_it && !options.common.json()) return;
    progress.line(options.common.json() ? event_line(line) : line.text,
                  first ? "" : base::cat("[", *line.rank, "] "));
  };
  sinks.state = [&](const workload::State& state) {
    if (!state.reason.empty() && state.reason != last_reason && !state.ended())
      progress.note(workload::to_string(state.phase) + ": " + state.reason);
    last_reason = state.reason;
  };
  const auto done =
      unless_interrupted([&] { return action::attach(target, name, patience, sinks); });
  progress.clear();
  const auto where = on_flag(options, target);
  if (!done || done->interrupted) {
    if (!target.is_local()) return goes_on(options, target, name);
    say(options.common,
        "stopped; the same command with --name " + name + " goes on or starts again\n");
    return contract::exit_interrupted;
  }
  if (done->state.phase == workload::Phase::failed)
    print_error("'" + name + "' failed: " + done->state.reason,
                "`lotse status " + name + where + "` shows the pods");
  return action::exit_code_of(done->state);
}

void print_service(const Options& options, const action::Target& target,
                   const workload::State& state) {
  const auto where = on_flag(options, target);
  if (options.common.json()) return print_answer(workload::to_json(state));
  for (const auto& url : state.urls) {
    print("ready:   " + url + "\n");
    if (!target.is_local())
      print("reach:   lotse connect " + state.name + " 8080:http" + where +
            "   (then http://127.0.0.1:8080 here)\n");
    const std::string here = target.is_local() ? url : "http://127.0.0.1:8080";
    if (options.from.info.mode == "serve")
      print("call:    curl --data-binary @PICTURE " + here + "/v1/detect\n");
  }
  print(follow_up(state.name, where));
}

int serve_until_ready(const Options& options, action::Target& target, const std::string& name,
                      const action::Patience& patience) {
  std::string last;
  const auto show = [&](const workload::State& seen) {
    if (!seen.reason.empty() && seen.reason != last)
      say(options.common, "waiting: " + seen.reason + "\n");
    last = seen.reason;
  };
  const auto state = unless_interrupted(
      [&] { return action::wait(target, name, action::WaitFor::ready, patience, show); });
  if (!state) return goes_on(options, target, name);
  if (state->phase == workload::Phase::failed)
    print_error("'" + name + "' did not become ready: " + state->reason,
                "`lotse logs " + name + on_flag(options, target) + "` shows what it printed");
  else
    print_service(options, target, *state);
  return action::exit_code_of(*state);
}

bool wants_no_pod(const action::Prepared& prepared) {
  const auto& objects = prepared.revision.objects;
  return std::all_of(objects.begin(), objects.end(), [](const auto& object) {
    return object["kind"] != "Deployment" || object["spec"].value("replicas", 1) == 0;
  });
}

std::string said_of(const action::Submitted& submitted) {
  if (submitted.attached) return " runs already: attaching";
  return base::cat(", revision ", submitted.number, submitted.unchanged ? ", unchanged" : "");
}

/// A template that is for any container has no image of its own.
void check_image_is_named(const Options& options, const std::vector<nlohmann::json>& objects) {
  if (!options.prepare.image.empty()) return;
  for (const auto& object : objects)
    for (const auto& container : object::list_at(object::pod_template(object).spec, {"containers"}))
      if (object::text_at(container, {"image"}).empty())
        throw Error({{"--image",
                      "is required: the template " + options.from.info.name +
                          " runs the image that you name",
                      "such as --image busybox:1.37; LOTSE_IMAGE is the runner's"}});
}

int run_verb(Options& options) {
  const auto patience = options.patience.patience();
  const auto target = make_target(options.common.place);
  const bool renders = options.dry_run == "client";
  if (options.runs_the_runner)
    options.prepare.image = runner_image(options.prepare.image, target->is_local());
  if (auto* cluster = target->cluster(); cluster != nullptr && !renders)
    options.prepare.cluster = [cluster] {
      return action::capabilities(*cluster, base::cache_folder() / "discovery");
    };
  auto prepared = action::prepare(options.from, options.prepare, target->is_local(),
                                  target->target_namespace());
  check_image_is_named(options, prepared.revision.objects);
  if (renders) return print_objects(options.common, prepared);
  if (options.dry_run == "server") return try_out(options, *target, prepared);
  say(options.common, "on " + target->describe() + "\n");
  if (options.plans) return show_plan(options, *target, prepared);
  const auto submitted = action::submit(*target, prepared, options.submit);
  for (const auto& old : submitted.replaced) say(options.common, "replaced " + old + "\n");
  say(options.common, prepared.name + said_of(submitted) + "\n");
  // Nothing becomes ready where no pod is wanted.
  if (options.detach || (prepared.is_service() && wants_no_pod(prepared))) {
    if (options.common.json())
      print_answer(cli::to_json(submitted, prepared));
    else
      print(follow_up(prepared.name, on_flag(options, *target)));
    return contract::exit_done;
  }
  if (prepared.is_service()) return serve_until_ready(options, *target, prepared.name, patience);
  return attach_to_run(options, *target, prepared.name, patience);
}

}  // namespace

std::string value_of_flag(const std::string& name, const std::vector<std::string>& arguments) {
  const auto with_value = name + "=";
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (arguments[i] == name && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with(with_value)) return arguments[i].substr(with_value.size());
  }
  return "";
}

std::vector<std::string> run_flag_names() {
  Command every{"", "", ""};
  add_run_flags(std::make_shared<Options>(), every, OwnTemplate::allowed);
  std::vector<std::string> names = {"template-path", "help"};
  for (const auto& flag : every.flags) names.push_back(flag.name);
  return names;
}

Command workload_command(Command command, tmpl::Template from, OwnTemplate own, bool plans) {
  auto options = std::make_shared<Options>();
  options->from = std::move(from);
  options->plans = plans;
  // A template for any container runs what it is told to, not the runner.
  options->runs_the_runner = own == OwnTemplate::allowed || !options->from.info.mode.empty();
  add_schema_flags(options, command);
  add_run_flags(options, command, own);
  command.run = [options] { return run_verb(*options); };
  return command;
}

Command run_command(const std::string& verb, const std::string& help, bool wanted,
                    const std::vector<std::string>& arguments, bool plans) {
  Command command{verb, help, wanted ? long_help(verb) : ""};
  if (!wanted) return command;
  auto place = value_of_flag("--template", arguments);
  if (!place.empty() && place.find('/') == std::string::npos && place != ".") place = "./" + place;
  return workload_command(std::move(command), tmpl::load_template(place.empty() ? verb : place),
                          OwnTemplate::allowed, plans);
}

}  // namespace lotse::cli
