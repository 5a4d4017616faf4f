#include "action/lint.h"

#include <algorithm>
#include <map>
#include <optional>

#include "action/lint_objects.h"
#include "action/lint_schema.h"
#include "action/prepare.h"
#include "base/error.h"
#include "base/strings.h"
#include "object/kind.h"
#include "object/member.h"
#include "object/reference.h"
#include "template/corners.h"

namespace lotse::action {

namespace {

using base::cat;

/// So many pairs of values are tried; a template with more says less about them.
constexpr size_t most_pairs = 300;

constexpr const char* image = "registry.example/image:1";

/// The values that differ from the defaults.
using Given = std::map<std::string, json>;

class Linter {
 public:
  Linter(const tmpl::Template& from, const std::vector<std::string>& taken)
      : from_(from), taken_(taken), properties_(from.schema.value("properties", json::object())) {}

  LintReport run() {
    lint_schema(from_, taken_, findings_);
    if (find_corners() && render_all()) checks_.check_all(from_.info.kind);
    return {from_.info.name, renders_, findings_.take()};
  }

 private:
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
        findings_.add(true, property_title(key),
                      "its default " + schema["default"].dump() + " is not allowed by itself");
      if (!is_among(required, key) || schema.contains("default")) continue;
      if (found.empty()) {
        whole = false;
        findings_.add(true, property_title(key),
                      "is required, and lint finds no value that it allows",
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
    check_names(*plain);
    for (const auto& [key, values] : corners_) try_alone(key, values, *plain);
    for (const auto& key : idle_alone_)
      if (!changes_beside_another(key))
        findings_.add(false, property_title(key), "no manifest changes with this value");
    for (auto one = shaping_.begin(); one != shaping_.end(); ++one)
      for (auto other = std::next(one); other != shaping_.end(); ++other)
        render_pair({*one, *other});
    return true;
  }

  /// An object that is not named after the workload is the same one for all of them.
  void check_names(const Prepared& plain) {
    const auto other = prepare(from_, options_for({}, "other"), false, "default");
    for (const auto& object : plain.revision.objects)
      for (const auto& same : other.revision.objects)
        if (object::describe(object) == object::describe(same))
          findings_.add(false, object::text_at(object, {"kind"}) + ": metadata.name",
                        "is " + object::text_at(object, {"metadata", "name"}) +
                            " in every workload of this template: two would want one object",
                        "name: ${workload.name}");
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
      if (!rendered) refused_.emplace_back(key, value);
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

  /// A value may count only where another one is given, or let another one through.
  bool changes_beside_another(const std::string& key) {
    for (const auto& [other, refused] : refused_)
      for (const auto& value : corners_[key])
        if (key != other && allowed({{key, value}, {other, refused}}))
          return render_pair({{key, value}, {other, refused}}).has_value();
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

  tmpl::FlagValues with_base(const Given& given) const {
    tmpl::FlagValues flags = base_;
    for (const auto& [key, value] : given) flags[key] = value;
    return flags;
  }

  bool allowed(const Given& given) const {
    try {
      tmpl::merge_values(from_, {}, with_base(given));
      return true;
    } catch (const base::Error&) {
      return false;
    }
  }

  PrepareOptions options_for(const Given& given, const std::string& name) const {
    PrepareOptions options;
    options.name = name;
    options.image = image;
    options.flags = with_base(given);
    options.cluster = [] {
      return json{{"capabilities", object::capabilities_of(object::optional_kinds())}};
    };
    return options;
  }

  std::optional<Prepared> render(const Given& given, bool plain) {
    const auto options = options_for(given, from_.info.name.substr(0, 30));
    try {
      tmpl::merge_values(from_, {}, options.flags);
    } catch (const base::Error& error) {
      if (plain) add_error(error, "");
      return std::nullopt;  // the schema does not allow these together
    }
    ++renders_;
    const auto with = in_words(given);
    try {
      auto prepared = prepare(from_, options, false, "default");
      checks_.check(prepared, with);
      return prepared;
    } catch (const base::Error& error) {
      add_error(error, with);
      return std::nullopt;
    }
  }

  void add_error(const base::Error& error, const std::string& with) {
    if (error.diagnostics().empty()) findings_.add(true, "", error.what(), error.hint(), with);
    for (const auto& each : error.diagnostics())
      findings_.add(true, each.where, each.message, each.hint, with);
  }

  std::string in_words(const Given& given) const {
    std::vector<std::string> words;
    for (const auto& [key, value] : given)
      words.push_back(cat(
          key, "=", value.is_string() && value != "" ? value.get<std::string>() : value.dump()));
    return base::join(words, " ");
  }

  const tmpl::Template& from_;
  const std::vector<std::string>& taken_;
  const json properties_;
  std::map<std::string, std::vector<json>> corners_;
  Given base_;     ///< of the values that have no default
  Given shaping_;  ///< values that change more than data and names, one for each key
  std::map<std::string, std::vector<json>> shaped_;  ///< what these make
  std::vector<std::string> idle_alone_;              ///< change nothing while nothing else is given
  std::vector<std::pair<std::string, json>> refused_;  ///< not allowed while nothing else is given
  size_t pairs_ = 0;
  size_t renders_ = 0;
  Findings findings_;
  ObjectChecks checks_{findings_};
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
