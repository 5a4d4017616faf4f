#include <map>

#include "action/cluster_target.h"
#include "base/files.h"
#include "base/process.h"
#include "cli/context/context.h"
#include "identity/config.h"

namespace lotse::cli {

namespace {

identity::LoadOptions load_options(const Place& place) {
  identity::LoadOptions options;
  options.explicit_path = place.kubeconfig;
  options.environment = base::current_environment();
  return options;
}

constexpr std::chrono::seconds no_limit = std::chrono::hours(24);

identity::ExecOptions exec_options(const Place& place,
                                   const std::map<std::string, std::string>& environment) {
  identity::ExecOptions options;
  options.environment = environment;
  const auto set = environment.find("LOTSE_EXEC_PLUGIN_POLICY");
  const auto policy =
      place.exec_policy.empty() && set != environment.end() ? set->second : place.exec_policy;
  if (!policy.empty()) options.policy = identity::ExecPolicy::parse(policy);
  if (!place.no_credential_cache) options.cache = base::cache_folder() / "credentials";
  if (place.request_timeout)
    options.timeout = place.request_timeout->count() > 0 ? *place.request_timeout : no_limit;
  options.may_read_terminal = place.may_ask;
  return options;
}

std::string text(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Read once, however often a command asks.
const identity::Config& config_of(const Place& place) {
  static std::map<std::string, identity::Config> read;
  auto found = read.find(place.kubeconfig);
  if (found == read.end())
    found = read.emplace(place.kubeconfig, identity::load_config(load_options(place))).first;
  return found->second;
}

identity::Settings settings_of(const Place& place, const std::string& context) {
  const auto options = load_options(place);
  auto settings = identity::resolve(config_of(place), options, context, place.name_space);
  settings.exec_options = exec_options(place, options.environment);
  if (place.request_timeout) settings.request_timeout = *place.request_timeout;
  return settings;
}

}  // namespace

std::vector<ContextRow> kubeconfig_contexts(const Place& place) {
  const auto& config = config_of(place);
  std::vector<ContextRow> rows;
  rows.reserve(config.contexts.size());
  for (const auto& [name, context] : config.contexts)
    rows.push_back({name, text(context, "cluster"), text(context, "namespace"), false});
  return rows;
}

std::optional<std::string> kubeconfig_current(const Place& place) {
  return identity::current_context(config_of(place), load_options(place));
}

bool is_in_cluster() {
  return identity::in_cluster(load_options({})).has_value();
}

nlohmann::json kubeconfig_as_read(const Place& place) {
  return identity::to_json(config_of(place));
}

std::unique_ptr<action::Target> make_cluster_target(const Place& place,
                                                    const std::string& context) {
  return action::make_cluster_target(settings_of(place, context));
}

std::unique_ptr<action::Getter> make_cluster_getter(const Place& place,
                                                    const std::string& context) {
  return std::make_unique<action::Getter>(settings_of(place, context),
                                          base::cache_folder() / "discovery");
}

action::AccessReport check_cluster_access(const Place& place, const std::string& context) {
  return action::check_access(settings_of(place, context));
}

}  // namespace lotse::cli
