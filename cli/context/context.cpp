#include "cli/context/context.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "action/local_target.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "document/document.h"
#include "net/curl_transport.h"

namespace lotse::cli {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using nlohmann::json;

fs::path choice_file() {
  return base::config_folder() / "context.json";
}

/// Where a command runs: on this machine, or on a context of the kubeconfig.
struct Where {
  bool here = false;
  std::string context;
};

constexpr auto this_machine = "local";
// Where a context of the kubeconfig is called "local", these say which of the two is meant.
constexpr std::string_view of_kubeconfig = "context:";
constexpr std::string_view of_machine = "machine:";

bool is_machine(const std::string& name) {
  return name == this_machine || name == std::string(of_machine) + this_machine;
}

/// As `lotse context list` shows it.
std::string shown(const Where& where) {
  if (where.here) return this_machine;
  const bool plain = where.context != this_machine && !where.context.starts_with(of_kubeconfig) &&
                     !where.context.starts_with(of_machine);
  return plain ? where.context : std::string(of_kubeconfig) + where.context;
}

/// Whether the kubeconfig has a context that is called as this machine is. One that cannot be read
/// is no reason not to work here.
bool has_namesake(const Place& place) {
  try {
    for (const auto& row : kubeconfig_contexts(place))
      if (row.name == this_machine) return true;
  } catch (const Error& error) {
    base::log_debug(1, error.what());
  }
  return false;
}

/// What a user's name for a place means.
Where named(const Place& place, const std::string& name) {
  if (name.starts_with(of_kubeconfig)) return {false, name.substr(of_kubeconfig.size())};
  if (!is_machine(name)) return {false, name};
  if (name == this_machine && has_namesake(place))
    throw Error(ErrorKind::invalid, "the kubeconfig has a context that is called 'local'",
                "context:local is that context, machine:local this machine");
  return {true, ""};
}

/// What the choice of `lotse context use` means; it was told apart when it was made.
std::optional<Where> chosen() {
  const auto text = base::read_file_if_there(choice_file());
  if (!text) return std::nullopt;
  const std::string again = "`lotse context use NAME` writes it anew";
  json choice;
  try {
    choice = document::parse_json(*text, choice_file().string()).value;
  } catch (const Error& error) {
    throw Error(ErrorKind::invalid, error.what(), again);
  }
  const auto found = choice.is_object() ? choice.find("context") : choice.end();
  if (found == choice.end() || !found->is_string() || *found == "")
    throw Error(ErrorKind::invalid, choice_file().string() + " names no context", again);
  const auto name = found->get<std::string>();
  if (is_machine(name)) return Where{true, ""};
  return Where{false, name.starts_with(of_kubeconfig) ? name.substr(of_kubeconfig.size()) : name};
}

/// The default of --on, and where it comes from.
std::pair<Where, std::string> default_place(const Place& place) {
  // Who names a kubeconfig means a cluster.
  if (const auto choice = chosen(); choice && !(choice->here && !place.kubeconfig.empty()))
    return {*choice, "`lotse context use`"};
  if (const auto current = kubeconfig_current(place))
    return {{false, *current}, "the kubeconfig's current context"};
  return {{true, ""}, "no context is set"};
}

}  // namespace

std::pair<std::string, std::string> default_context(const Place& place) {
  const auto [where, source] = default_place(place);
  return {shown(where), source};
}

namespace {
std::vector<ContextRow> known_contexts(const Place& place) {
  std::vector<ContextRow> rows = {{this_machine, "", "", false}};
  for (auto& row : kubeconfig_contexts(place)) {
    row.name = shown({false, row.name});
    row.current = false;
    rows.push_back(row);
  }
  if (is_in_cluster() && std::none_of(rows.begin(), rows.end(),
                                      [](const auto& row) { return row.name == "in-cluster"; }))
    rows.push_back({"in-cluster", "in-cluster", "", false});
  return rows;
}
}  // namespace

std::vector<ContextRow> contexts(const Place& place) {
  auto rows = known_contexts(place);
  try {
    const auto standard = default_context(place).first;
    for (auto& row : rows) row.current = row.name == standard;
  } catch (const Error& error) {  // the list is what helps to mend it
    base::log_warning(error.what());
  }
  return rows;
}

void use_context(const Place& place, const std::string& name) {
  if (name.empty()) {
    fs::remove(choice_file());
    return;
  }
  const auto wanted = shown(named(place, name));
  std::vector<std::string> known;
  for (const auto& row : known_contexts(place)) known.push_back(row.name);
  if (std::find(known.begin(), known.end(), wanted) == known.end()) {
    const auto near = base::closest(name, known);
    throw Error(
        ErrorKind::not_found, "there is no context '" + name + "'",
        near.empty() ? "`lotse context list` shows what there is" : "did you mean " + near + "?");
  }
  fs::create_directories(choice_file().parent_path());
  constexpr unsigned own = 0600;
  base::write_file_atomic(choice_file(), json{{"context", wanted}}.dump() + "\n", own);
}

namespace {
Where place_of(const Place& place) {
  auto where = place.on.empty() ? default_place(place).first : named(place, place.on);
  // libcurl is as good as needed.
  if (!where.here) net::load_in_background();
  return where;
}
}  // namespace

std::unique_ptr<action::Getter> make_getter(const Place& place) {
  const auto where = place_of(place);
  if (where.here)
    throw Error(ErrorKind::invalid, "local has no API server to get objects of",
                "--on CONTEXT names a cluster; `lotse list` shows what runs here");
  return make_cluster_getter(place, where.context);
}

action::AccessReport check_access(const Place& place) {
  const auto where = place_of(place);
  if (where.here)
    throw Error(ErrorKind::invalid, "local has no API server that could refuse anything",
                "--on CONTEXT names a cluster; `lotse context list` shows what there is");
  return check_cluster_access(place, where.context);
}

std::unique_ptr<action::Target> make_target(const Place& place) {
  const auto where = place_of(place);
  if (where.here) return action::make_local_target();
  return make_cluster_target(place, where.context);
}

}  // namespace lotse::cli
