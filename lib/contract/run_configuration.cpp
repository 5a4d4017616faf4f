#include "contract/run_configuration.h"

#include "contract/field.h"

namespace lotse::contract {

using nlohmann::json;

RunConfiguration parse_run_configuration(const json& document, const std::string& where) {
  if (!document.is_object() || !document.contains("mode") || !document["mode"].is_string())
    throw base::Error(
        {{where, "is no run configuration: it needs {\"mode\": ..., \"options\": {...}}", ""}});
  RunConfiguration configuration{document["mode"], document.value("options", json::object())};
  if (!configuration.options.is_object())
    throw base::Error({{where + ": options", "must be an object", ""}});
  base::throw_if_any(detail::unknown_keys(document, {"mode", "options"}, where));
  return configuration;
}

json to_json(const RunConfiguration& configuration) {
  return {{"mode", configuration.mode}, {"options", configuration.options}};
}

}  // namespace lotse::contract
