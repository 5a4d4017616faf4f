#include "cli/commands/common.h"

#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "base/number.h"
#include "cli/output/print.h"
#include "cli/output/table.h"
#include "document/write.h"

namespace lotse::cli {

Flag text_flag(const std::string& name, const std::string& value, const std::string& help,
               std::string& into) {
  Flag flag;
  flag.name = name;
  flag.value = value;
  flag.help = help;
  flag.set = [&into](const std::string& given) { into = given; };
  return flag;
}

Flag values_flag(std::vector<std::filesystem::path>& into, const std::string& help) {
  Flag flag;
  flag.name = "values";
  flag.value = "FILE";
  flag.help = help;
  flag.letter = 'f';
  flag.elsewhere = {"filename", "file"};
  flag.repeats = true;
  flag.complete = Complete::file;
  flag.set = [&into](const std::string& file) { into.emplace_back(file); };
  return flag;
}

Flag switch_flag(const std::string& name, const std::string& help, bool& into) {
  Flag flag;
  flag.name = name;
  flag.help = help;
  flag.set = [&into](const std::string& given) { into = given == "true"; };
  return flag;
}

namespace {

/// How the server is asked, and who may say who we are.
std::vector<Flag> credential_flags(Common& common) {
  auto& place = common.place;
  Flag timeout;
  timeout.name = "request-timeout";
  timeout.value = "DURATION";
  timeout.help = "of one request, and of a credential plug-in; 0: none; default: 60s, 5m";
  timeout.set = [&place](const std::string& given) {
    place.request_timeout = std::chrono::seconds(seconds_of("--request-timeout", given));
  };
  return {timeout,
          text_flag("exec-plugin-policy", "WHICH",
                    "credential plug-ins of the kubeconfig that may run: allow, deny, or their "
                    "names with commas between; default: $LOTSE_EXEC_PLUGIN_POLICY, else allow",
                    place.exec_policy),
          switch_flag("no-credential-cache",
                      "keep nothing that credential plug-ins give for the next command",
                      place.no_credential_cache)};
}

}  // namespace

std::vector<Flag> place_flags(Common& common) {
  Flag on = text_flag(
      "on", "CONTEXT",
      "where: local, or a context of the kubeconfig (context:NAME where it is called local)",
      common.place.on);
  on.complete = Complete::context;
  on.elsewhere = {"context"};
  Flag name_space =
      text_flag("namespace", "NAME", "namespace; default: the context's", common.place.name_space);
  name_space.letter = 'n';
  Flag kubeconfig =
      text_flag("kubeconfig", "FILE", "kubeconfig; default: $KUBECONFIG, else ~/.kube/config",
                common.place.kubeconfig);
  kubeconfig.complete = Complete::file;
  Flag verbose;
  verbose.name = "verbose";
  verbose.help = "say on standard error what is done; twice: requests too";
  verbose.set = [](const std::string&) { base::set_log_level(base::log_level() + 1); };
  verbose.repeats = true;
  std::vector<Flag> flags = {on, name_space, kubeconfig, verbose};
  for (auto& flag : credential_flags(common)) flags.push_back(flag);
  for (auto& flag : flags) flag.group = "Where";
  return flags;
}

Flag output_flag(Common& common, const std::vector<std::string>& forms) {
  common.output = forms.front();
  Flag flag = text_flag("output", "FORM", "how results are printed", common.output);
  flag.letter = 'o';
  flag.choices = forms;
  flag.standard = forms.front();
  flag.name = "output-format";
  flag.elsewhere = {"output", "format"};
  return flag;
}

Positional workload_argument(std::string& name) {
  Positional argument;
  argument.name = "name";
  argument.help = "a workload's name";
  argument.complete = Complete::workload;
  argument.set = [&name](const std::string& given) { name = given; };
  return argument;
}

std::unique_ptr<action::Target> announced_target(const Common& common) {
  auto target = make_target(common.place);
  say(common, "on " + target->describe() + "\n");
  return target;
}

std::vector<Flag> PatienceGiven::flags() {
  Flag give_up = text_flag(
      "give-up-after", "TIME",
      "end (exit 124) once somebody else has had to act for so long: no node fits, a secret or an "
      "image is missing; 0 never does",
      give_up_after);
  give_up.standard = give_up_after;
  return {text_flag("timeout", "TIME",
                    "give up waiting after 30s, 5m, 2h (exit 124); the workload goes on", timeout),
          give_up};
}

action::Patience PatienceGiven::patience() const {
  action::Patience patience;
  if (!timeout.empty()) patience.timeout = std::chrono::seconds(seconds_of("--timeout", timeout));
  if (give_up_after != "0")
    patience.give_up_after = std::chrono::seconds(seconds_of("--give-up-after", give_up_after));
  return patience;
}

int64_t whole_number(const std::string& flag, const std::string& text) {
  const auto number = base::to_integer(text);
  if (!number || *number < 0)
    throw base::Error(base::ErrorKind::invalid,
                      flag + ": '" + text + "' is no whole number from 0");
  return *number;
}

std::string runner_image(const std::string& given, bool local) {
  if (!given.empty()) return given;
  if (local) return "lotse-runner:" LOTSE_VERSION;
  const char* variable = std::getenv("LOTSE_IMAGE");
  if (variable != nullptr && *variable != '\0') return variable;
  throw base::Error(base::ErrorKind::invalid,
                    "a cluster needs the runner's image: --image, or the variable LOTSE_IMAGE",
                    "`lotse image build` makes one; bring it to a registry that the cluster reads");
}

int print_objects(const Common& common, const action::Prepared& prepared) {
  auto objects = action::objects_of(prepared);
  for (auto& object : objects) object = action::without_secret_data(std::move(object));
  if (common.json())
    print_foreign_json(objects);
  else
    print(document::write_yaml_stream(objects));
  return 0;
}

void say(const Common& common, const std::string& text) {
  if (common.output == "text")
    print(text);
  else
    std::fputs(text.c_str(), stderr);
}

namespace {

void print_json(const nlohmann::json& document, int indent) {
  print(document.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

constexpr int indented = 2, on_one_line = -1;

nlohmann::json versioned(nlohmann::json answer) {
  answer["apiVersion"] = "lotse/v1";
  return answer;
}

}  // namespace

void print_answer(const nlohmann::json& answer) {
  print_json(versioned(answer), indented);
}

void print_answer_line(const nlohmann::json& answer) {
  print_json(versioned(answer), on_one_line);
}

void print_foreign_json(const nlohmann::json& document) {
  print_json(document, indented);
}

void print_error(const std::string& message, const std::string& hint) {
  const std::string text = "lotse: " + message + "\n" + (hint.empty() ? "" : "  " + hint + "\n");
  std::fputs(text.c_str(), stderr);
}

}  // namespace lotse::cli
