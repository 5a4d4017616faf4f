#include "action/lint.h"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "action/prepare.h"
#include "base/error.h"
#include "base/strings.h"
#include "object/api_check.h"
#include "object/member.h"
#include "object/pod_security.h"
#include "template/corners.h"
#include "workload/state.h"

namespace lotse::action {

namespace {

using base::cat;

/// So many pairs of values are tried; a template with more says less about them.
constexpr size_t most_pairs = 300;

constexpr const char* image = "registry.example/image:1";

/// Words of JSON Schema (draft 7), and ours. The ones that valijson does not know it passes over,
/// so that nothing but this list finds a slip of the pen.
const std::vector<std::string>& schema_words() {
  static const std::vector<std::string> words = {"$schema",
                                                 "$id",
                                                 "$ref",
                                                 "$comment",
                                                 "title",
                                                 "description",
                                                 "default",
                                                 "examples",
                                                 "readOnly",
                                                 "type",
                                                 "enum",
                                                 "const",
                                                 "multipleOf",
                                                 "minimum",
                                                 "maximum",
                                                 "exclusiveMinimum",
                                                 "exclusiveMaximum",
                                                 "minLength",
                                                 "maxLength",
                                                 "pattern",
                                                 "format",
                                                 "items",
                                                 "additionalItems",
                                                 "minItems",
                                                 "maxItems",
                                                 "uniqueItems",
                                                 "contains",
                                                 "properties",
                                                 "required",
                                                 "additionalProperties",
                                                 "patternProperties",
                                                 "propertyNames",
                                                 "minProperties",
                                                 "maxProperties",
                                                 "dependencies",
                                                 "definitions",
                                                 "if",
                                                 "then",
                                                 "else",
                                                 "allOf",
                                                 "anyOf",
                                                 "oneOf",
                                                 "not",
                                                 "contentEncoding",
                                                 "contentMediaType",
                                                 "x-lotse",
                                                 "x-lotse-order"};
  return words;
}

const std::vector<std::string>& own_words() {
  static const std::vector<std::string> words = {"file", "cluster_default", "positional",
                                                 "flag", "group",           "cluster",
                                                 "form", "quantity",        "secret"};
  return words;
}

/// The values that differ from the defaults.
using Given = std::map<std::string, json>;

class Linter {
 public:
  Linter(const tmpl::Template& from, const std::vector<std::string>& taken)
      : from_(from), taken_(taken), properties_(from.schema.value("properties", json::object())) {
    report_.name = from.info.name;
  }

  LintReport run() {
    check_words(from_.schema, "schema");
    check_flags();
    if (find_corners() && render_all()) {
      check_kind();
      check_asked_for();
    }
    std::stable_partition(report_.findings.begin(), report_.findings.end(),
                          [](const LintFinding& finding) { return finding.error; });
    return std::move(report_);
  }

 private:
  /// Each finding once, with the values that showed it first.
  void add(bool error, const std::string& where, const std::string& message,
           const std::string& hint = "", const std::string& with = "") {
    if (seen_.insert(where + "\n" + message).second)
      report_.findings.push_back({error, where, message, hint, with});
  }

  static std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
    const auto near = base::closest(word, known);
    return near.empty() ? "" : "did you mean " + near + "?";
  }

  void check_words(const json& schema, const std::string& path) {
    if (!schema.is_object()) return;
    const auto in_file = "template.yaml: " + path;
    for (const auto& [word, value] : schema.items())
      if (!has(schema_words(), word))
        add(true, in_file + "." + word, "is no word of JSON Schema",
            did_you_mean(word, schema_words()));
    const json own = schema.value("x-lotse", json::object());
    for (const auto& [word, value] : own.items())
      if (!has(own_words(), word))
        add(true, in_file + ".x-lotse." + word, "is not known", did_you_mean(word, own_words()));
    for (const char* inner : {"properties", "definitions"}) {
      const json all = schema.value(inner, json::object());
      for (const auto& [key, property] : all.items())
        check_words(property, cat(path, ".", inner, ".", key));
    }
    for (const char* inner : {"items", "additionalProperties"})
      if (schema.contains(inner)) check_words(schema[inner], cat(path, ".", inner));
  }

  void check_flags() {
    std::map<std::string, std::string> owners;
    for (const auto& flag : from_.flags()) {
      const auto where = property(flag.key);
      if (flag.help.empty()) add(false, where, "has no description: its flag has no help");
      const auto [owner, first] = owners.emplace(flag.name, flag.key);
      if (!first)
        add(true, where, "has the flag --" + flag.name + ", as " + owner->second + " has",
            "x-lotse: {flag: OTHER-NAME}");
      if (!flag.positional && has(taken_, flag.name))
        add(true, where, "--" + flag.name + " is a flag of every run",
            "x-lotse: {flag: OTHER-NAME}");
    }
  }

  /// A value that names a file names a volume here: a cluster has no other.
  static std::vector<json> corners_of(const json& schema) {
    if (schema.value("/x-lotse/file"_json_pointer, "").empty()) return tmpl::corners(schema);
    json on_volume = schema;
    const json file = "volume:lint/file";
    on_volume["examples"] = schema.value("type", "") == "array"
                                ? json::array({json::array(), json::array({file})})
                                : json::array({file});
    on_volume.erase("type");  // so that nothing else is made up
    auto found = tmpl::corners(on_volume);
    std::erase_if(found,
                  [&](const json& value) { return !schema::validate(schema, value).empty(); });
    return found;
  }

  /// False where a value that is required has none that fits: nothing can be rendered then.
  bool find_corners() {
    const auto required = from_.schema.value("required", std::vector<std::string>());
    bool whole = true;
    for (const auto& [key, schema] : properties_.items()) {
      auto& found = corners_[key] = corners_of(schema);
      if (schema.contains("default") && (found.empty() || found[0] != schema["default"]))
        add(true, property(key),
            "its default " + schema["default"].dump() + " is not allowed by itself");
      if (!has(required, key) || schema.contains("default")) continue;
      if (found.empty()) {
        whole = false;
        add(true, property(key), "is required, and lint finds no value that it allows",
            "examples: [A VALUE] gives lint one");
      } else {
        base_[key] = found[0];
      }
    }
    return whole;
  }

  /// False where the template cannot even be rendered as it is.
  bool render_all() {
    const auto plain = render({}, true);
    if (!plain) return false;
    for (const auto& [key, values] : corners_) try_alone(key, values, *plain);
    for (const auto& key : idle_alone_)
      if (!changes_beside_another(key))
        add(false, property(key), "no manifest changes with this value");
    for (auto one = shaping_.begin(); one != shaping_.end(); ++one)
      for (auto other = std::next(one); other != shaping_.end(); ++other)
        render_pair({*one, *other});
    return true;
  }

  bool is_plain(const std::string& key, const json& value) {
    const auto found = base_.find(key);
    return value ==
           (found == base_.end() ? properties_[key].value("default", json()) : found->second);
  }

  void try_alone(const std::string& key, const std::vector<json>& values, const Prepared& plain) {
    bool tried = false;
    bool changes = false;
    for (const auto& value : values) {
      if (is_plain(key, value)) continue;
      const auto rendered = render({{key, value}}, false);
      if (!rendered) continue;
      tried = true;
      changes = changes || rendered->revision.objects != plain.revision.objects;
      if (!shaping_.contains(key) && shape_of(*rendered) != shape_of(plain)) {
        shaping_[key] = value;
        shaped_[key] = rendered->revision.objects;
      }
    }
    if (tried && !changes) idle_alone_.push_back(key);
  }

  /// A value may count only where another one is given.
  bool changes_beside_another(const std::string& key) {
    for (const auto& [other, given] : shaping_)
      for (const auto& value : corners_[key]) {
        const auto rendered = render_pair({{key, value}, {other, given}});
        if (rendered && rendered->revision.objects != shaped_[other]) return true;
      }
    return false;
  }

  std::optional<Prepared> render_pair(const Given& given) {
    if (pairs_ == most_pairs) return std::nullopt;
    ++pairs_;
    return render(given, false);
  }

  /// What the values make of the objects, apart from names and data.
  static json shape_of(const Prepared& prepared) {
    json shape = json::array();
    for (auto object : prepared.revision.objects) {
      object.erase("data");
      shape.push_back(std::move(object));
    }
    return json::parse(base::replace_all(shape.dump(), prepared.revision.content, ""));
  }

  std::optional<Prepared> render(const Given& given, bool plain) {
    PrepareOptions options;
    options.name = from_.info.name.substr(0, 30);
    options.image = image;
    options.flags = base_;
    for (const auto& [key, value] : given) options.flags[key] = value;
    try {
      tmpl::merge_values(from_, {}, options.flags);
    } catch (const base::Error& error) {
      if (plain) add_error(error, "");
      return std::nullopt;  // the schema does not allow these together
    }
    ++report_.renders;
    const auto with = in_words(given);
    try {
      auto prepared = prepare(from_, options, false, "default");
      check_objects(prepared, with);
      return prepared;
    } catch (const base::Error& error) {
      add_error(error, with);
      return std::nullopt;
    }
  }

  void add_error(const base::Error& error, const std::string& with) {
    if (error.diagnostics().empty()) add(true, "", error.what(), error.hint(), with);
    for (const auto& each : error.diagnostics())
      add(true, each.where, each.message, each.hint.empty() ? meant(each.message) : each.hint,
          with);
  }

  /// A hint for an expression that names a value that is not there, or an operator's word.
  std::string meant(const std::string& message) const {
    static const std::regex others("has undefined properties: (\\S+)");
    std::smatch other;
    if (std::regex_search(message, other, others))
      return did_you_mean(other[1], {"then", "else", "in", "from", "initial", "each(x)", "by(x)"});
    static const std::regex form("object has no property \"([^\"]*)\"|unknown context value (.*)");
    std::smatch match;
    if (!std::regex_search(message, match, form)) return "";
    std::vector<std::string> known = {"values",    "workload", "cluster",        "name",
                                      "namespace", "labels",   "image",          "run",
                                      "volumes",   "revision", "imagePullPolicy"};
    for (const auto& [key, schema] : properties_.items()) known.push_back(key);
    return did_you_mean(match[1].matched ? match[1] : match[2], known);
  }

  std::string in_words(const Given& given) const {
    std::vector<std::string> words;
    for (const auto& [key, value] : given)
      words.push_back(cat(
          key, "=", value.is_string() && value != "" ? value.get<std::string>() : value.dump()));
    return base::join(words, " ");
  }

  static std::string property(const std::string& key) {
    return "template.yaml: schema.properties." + key;
  }

  static bool has(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  void check_objects(const Prepared& prepared, const std::string& with) {
    std::set<std::string> titles;
    const auto& objects = prepared.revision.objects;
    for (size_t i = 0; i < objects.size(); ++i) {
      const auto& object = objects[i];
      const auto kind = object::text_at(object, {"kind"});
      const auto name = object::text_at(object, {"metadata", "name"});
      kinds_.insert(kind);
      const auto title = kind.empty() ? cat("object ", i + 1) : kind;
      check_api(object, title, with);
      check_name(name, title, with);
      if (!titles.insert(kind + "/" + name).second)
        add(true, title + ": metadata.name", "two objects are called " + name, "", with);
      if (object::text_at(object, {"metadata", "labels", workload::label_workload}) !=
          prepared.name)
        add(true, title + ": metadata.labels", "lack the workload's: Lotse would not find it again",
            "labels: {$eval: workload.labels}", with);
      check_pods(object, prepared, title, with);
    }
  }

  void check_api(const json& object, const std::string& title, const std::string& with) {
    const auto checked = object::check_api(object);
    for (const auto& problem : checked.problems)
      add(true, title + ": " + problem.where, problem.message, problem.hint, with);
    if (!checked.known)
      add(false, title,
          "is of " + object::text_at(object, {"apiVersion"}) +
              ", which Kubernetes itself does not have: its fields are not checked",
          "", with);
  }

  void check_name(const std::string& name, const std::string& title, const std::string& with) {
    static const std::regex form(
        "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    if (name.empty())
      add(true, title + ": metadata.name", "is required", "name: ${workload.name}", with);
    else if (name.size() > 253 || !std::regex_match(name, form))
      add(true, title + ": metadata.name", "'" + name + "' is no name of an object",
          "lower-case letters, digits, '-' and '.'", with);
  }

  void check_pods(const json& object, const Prepared& prepared, const std::string& title,
                  const std::string& with) {
    const auto pods = object::pod_template(object);
    if (!pods.spec.is_object() || !pods.spec.contains("containers")) return;
    const auto at = title + ": ";
    const auto inside = pods.path.empty() ? "" : pods.path + ".";
    if (object::text_at(pods.metadata, {"labels", workload::label_workload}) != prepared.name)
      add(true, at + inside + "metadata.labels",
          "lack the workload's: Lotse would not see the pods", "labels: {$eval: workload.labels}",
          with);
    const auto kind = object::text_at(object, {"kind"});
    const auto policy = object::text_at(pods.spec, {"restartPolicy"});
    if (kind == "Job" && policy != "Never" && policy != "OnFailure")
      add(true, at + inside + "spec.restartPolicy", "must be Never or OnFailure in a Job", "",
          with);
    check_selector(object, pods, at, with);
    for (const auto& problem : object::restricted_violations(pods))
      add(with.empty(), at + problem.where, problem.message + " (Pod Security restricted)", "",
          with);
    if (with.empty())
      for (const auto& item : object::missing_isolation(pods))
        add(false, at + item.where, item.message, item.hint);
    const json& own_users = object::at(pods.spec, {"hostUsers"});
    hides_users_ = hides_users_ || (own_users.is_boolean() && !own_users.get<bool>());
  }

  void check_selector(const json& object, const object::PodTemplate& pods, const std::string& at,
                      const std::string& with) {
    const json& wanted = object::at(object, {"spec", "selector", "matchLabels"});
    if (!wanted.is_object()) return;
    for (const auto& [key, value] : wanted.items())
      if (object::at(pods.metadata, {"labels", key.c_str()}) != value)
        add(true, at + "spec.selector.matchLabels." + key, "is not a label of its pods", "", with);
  }

  /// What Lotse waits for.
  void check_kind() {
    const bool service = from_.info.kind == "service";
    const std::string wanted = service ? "Deployment" : "Job";
    if (!kinds_.contains(wanted))
      add(true, "template.yaml: kind", "is " + from_.info.kind + ", but no " + wanted + " is made",
          "Lotse waits for a " + wanted);
  }

  void check_asked_for() {
    if (!hides_users_)
      add(false, "",
          "no value of it makes hostUsers false: users of the pods are users of the node");
    if (!kinds_.contains("NetworkPolicy"))
      add(false, "", "no value of it makes a NetworkPolicy: the pods may speak to everybody");
  }

  const tmpl::Template& from_;
  const std::vector<std::string>& taken_;
  const json properties_;
  std::map<std::string, std::vector<json>> corners_;
  Given base_;     ///< of the values that have no default
  Given shaping_;  ///< values that change more than data and names, one for each key
  std::map<std::string, std::vector<json>> shaped_;  ///< what these make
  std::vector<std::string> idle_alone_;              ///< change nothing while nothing else is given
  size_t pairs_ = 0;
  std::set<std::string> kinds_;  ///< of all objects that came out
  bool hides_users_ = false;
  std::set<std::string> seen_;
  LintReport report_;
};

}  // namespace

bool LintReport::has_errors() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const LintFinding& finding) { return finding.error; });
}

LintReport lint_template(const tmpl::Template& from, const std::vector<std::string>& taken) {
  return Linter(from, taken).run();
}

}  // namespace lotse::action
