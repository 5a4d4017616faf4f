#include "action/cluster_target.h"
#include "base/process.h"
#include "cli/context/context.h"
#include "kube/config.h"

namespace lotse::cli {

namespace {

kube::LoadOptions load_options(const Place& place) {
  kube::LoadOptions options;
  options.explicit_path = place.kubeconfig;
  options.environment = base::current_environment();
  return options;
}

std::string text(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::vector<ContextRow> kubeconfig_contexts(const Place& place) {
  const auto config = kube::load_config(load_options(place));
  std::vector<ContextRow> rows;
  rows.reserve(config.contexts.size());
  for (const auto& [name, context] : config.contexts)
    rows.push_back({name, text(context, "cluster"), text(context, "namespace"),
                    name == config.current_context});
  return rows;
}

std::unique_ptr<action::Target> make_cluster_target(const Place& place,
                                                    const std::string& context) {
  const auto options = load_options(place);
  return action::make_cluster_target(
      kube::resolve(kube::load_config(options), options, context, place.name_space));
}

}  // namespace lotse::cli
