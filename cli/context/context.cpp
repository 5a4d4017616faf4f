#include "cli/context/context.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "action/local_target.h"
#include "base/error.h"
#include "base/files.h"
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

std::string chosen_context() {
  const auto text = base::read_file_if_there(choice_file());
  if (!text) return "";
  const json choice = document::parse_json(*text, choice_file().string()).value;
  return choice.is_object() && choice.contains("context") && choice["context"].is_string()
             ? choice["context"].get<std::string>()
             : "";
}

}  // namespace

std::pair<std::string, std::string> default_context(const Place& place) {
  if (const auto chosen = chosen_context(); !chosen.empty()) return {chosen, "`lotse context use`"};
  for (const auto& row : kubeconfig_contexts(place))
    if (row.current) return {row.name, "the kubeconfig's current context"};
  return {"local", "no context is set"};
}

std::vector<ContextRow> contexts(const Place& place) {
  const auto standard = default_context(place).first;
  auto rows = kubeconfig_contexts(place);
  rows.insert(rows.begin(), {"local", "", "", false});
  if (is_in_cluster() && std::none_of(rows.begin(), rows.end(),
                                      [](const auto& row) { return row.name == "in-cluster"; }))
    rows.push_back({"in-cluster", "in-cluster", "", false});
  for (auto& row : rows) row.current = row.name == standard;
  return rows;
}

void use_context(const Place& place, const std::string& name) {
  if (name.empty()) {
    fs::remove(choice_file());
    return;
  }
  std::vector<std::string> known;
  for (const auto& row : contexts(place)) known.push_back(row.name);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const auto near = base::closest(name, known);
    throw Error(
        ErrorKind::not_found, "there is no context '" + name + "'",
        near.empty() ? "`lotse context list` shows what there is" : "did you mean " + near + "?");
  }
  fs::create_directories(choice_file().parent_path());
  constexpr unsigned own = 0600;
  base::write_file_atomic(choice_file(), json{{"context", name}}.dump() + "\n", own);
}

namespace {
/// Where it is not known to be local, libcurl is as good as needed.
std::string context_of(const Place& place) {
  const auto name = place.on.empty() ? chosen_context() : place.on;
  if (name != "local") net::load_in_background();
  return name.empty() ? default_context(place).first : name;
}
}  // namespace

std::unique_ptr<action::Getter> make_getter(const Place& place) {
  const auto name = context_of(place);
  if (name == "local")
    throw Error(ErrorKind::invalid, "local has no API server to get objects of",
                "--on CONTEXT names a cluster; `lotse list` shows what runs here");
  return make_cluster_getter(place, name);
}

action::AccessReport check_access(const Place& place) {
  const auto name = context_of(place);
  if (name == "local")
    throw Error(ErrorKind::invalid, "local has no API server that could refuse anything",
                "--on CONTEXT names a cluster; `lotse context list` shows what there is");
  return check_cluster_access(place, name);
}

std::unique_ptr<action::Target> make_target(const Place& place) {
  const auto name = context_of(place);
  if (name == "local") return action::make_local_target();
  return make_cluster_target(place, name);
}

}  // namespace lotse::cli
