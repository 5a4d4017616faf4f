#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "document/document.h"
#include "schema/schema.h"
#include "template/fragments.h"

namespace lotse::tmpl {

struct TemplateInfo {
  std::string name;
  std::string kind;  ///< "job": runs to its end; "service": stays up
  std::string version;
  std::string help;  ///< the first line says what it does
  std::string mode;  ///< the runner's mode; "" if the template runs something else
};

/// A template package: template.yaml, manifests/*.yaml and shared/*.yaml, parsed and checked.
struct Template {
  TemplateInfo info;
  nlohmann::json
      schema;  ///< JSON Schema of its values, those of its mode and of fragments included
  std::vector<document::Document> manifests;            ///< in the order of their names
  std::map<std::string, document::Document> fragments;  ///< that the manifests include, by name

  std::vector<schema::Flag> flags() const { return schema::flags(schema); }
};

/// The templates in this program, by name.
std::vector<TemplateInfo> builtin_templates();
std::vector<std::string> builtin_names();

/// The files of a template as they are written, by path relative to it: the built-in one of that
/// name, or those in the folder of that path. Throws Error(invalid) as load_template does.
std::map<std::string, std::string> template_files(const std::string& name_or_path);

/// The built-in template of that name, or the one in the folder of that path (anything with a '/',
/// or "."). Throws Error(invalid), with "did you mean" for a name.
Template load_template(const std::string& name_or_path);

/// Makes a template out of its files, given as path relative to the package ("template.yaml",
/// "manifests/job.yaml", "shared/pod.yaml") -> text. Messages put `label` in front of the paths. A
/// fragment that is not among them is the built-in one. Throws Error(invalid).
Template parse_template(const Files& files, const std::string& label);

/// Values that flags gave: key -> JSON value.
using FlagValues = std::map<std::string, nlohmann::json>;

/// The values: the schema's defaults, overridden by the values files in their order, overridden by
/// flags. Objects are merged, anything else is replaced. The result is validated, then values that
/// exclude each other, and options that the named model does not have, are looked for; all mistakes
/// come as one Error(invalid) that names file and line, or the flag.
nlohmann::json merge_values(const Template& from,
                            const std::vector<document::Document>& values_files,
                            const FlagValues& flags);

/// The run configuration of these values: {"mode", "options"}, options being all values but those
/// marked "cluster" or "secret" in the schema. Null if the template has no mode.
nlohmann::json run_configuration(const Template& from, const nlohmann::json& values);

/// `cluster` where nothing is known of one: without capabilities.
nlohmann::json plain_cluster();

/// Renders the manifests. It is a pure function: nothing but the arguments is read. `workload`
/// as templates/README.md defines it (`run` is added here by run_configuration), and so `cluster`.
/// Throws Error(invalid) naming "manifests/FILE: path.in.template: ...", or the fragment's
/// file and the path in it.
std::vector<nlohmann::json> render(const Template& from, const nlohmann::json& values,
                                   const nlohmann::json& workload,
                                   const nlohmann::json& cluster = plain_cluster());

/// Whether a manifest looks at `cluster` with these values: then it is worth asking for.
bool looks_at_cluster(const Template& from, const nlohmann::json& values,
                      const nlohmann::json& workload);

}  // namespace lotse::tmpl
