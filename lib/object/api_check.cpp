#include "object/api_check.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "document/document.h"
#include "object/api_table.h"
#include "object/kind.h"
#include "object/member.h"
#include "object/quantity.h"

namespace lotse::object {

namespace {

using Text = std::string_view;

struct Field {
  Text name;
  bool required = false;
  Text type;  ///< "s", "[]@core.v1.EnvVar", ...
};

struct KnownKind {
  Text api_version;
  Text kind;
  Text type;  ///< "-" where its objects lie in no namespace
};

/// The table, read.
struct Api {
  std::vector<KnownKind> kinds;
  std::map<Text, std::vector<Field>> types;
};

/// Takes the text up to the next `end` off the front of `rest`.
Text take(Text& rest, char end) {
  const auto at = std::min(rest.find(end), rest.size());
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

Field read_field(Text word) {
  auto name = take(word, '=');
  const bool required = name.ends_with('!');
  if (required) name.remove_suffix(1);
  return {name, required, word};
}

Api read_table() {
  Api api;
  for (Text rest = api_table; !rest.empty();) {
    auto line = take(rest, '\n');
    const auto name = take(line, ' ');
    if (name == "=") {
      const auto version = take(line, ' ');
      const auto kind = take(line, ' ');
      api.kinds.push_back({version, kind, line});
      continue;
    }
    auto& fields = api.types[name];
    while (!line.empty()) fields.push_back(read_field(take(line, ' ')));
  }
  return api;
}

const Api& api() {
  static const Api read = read_table();
  return read;
}

class Checker {
 public:
  explicit Checker(base::Diagnostics& problems) : problems_(problems) {}

  void check(const json& value, Text type, const std::string& pointer) {
    if (value.is_null() || type == "a") return;  // null is what is not there
    if (type.starts_with("[]")) return list(value, type.substr(2), pointer);
    if (type.starts_with("{}")) return map(value, type.substr(2), pointer);
    if (type.starts_with("@")) return object(value, type.substr(1), pointer);
    scalar(value, type[0], pointer);
  }

 private:
  void add(const std::string& pointer, const std::string& message, const std::string& hint = "") {
    problems_.push_back({document::display_path(pointer), message, hint});
  }

  void wrong(const json& value, const std::string& pointer, const std::string& wanted,
             const std::string& hint = "") {
    add(pointer, "must be " + wanted + ", is " + value.dump(), hint);
  }

  void list(const json& value, Text type, const std::string& pointer) {
    if (!value.is_array()) return wrong(value, pointer, "a list");
    for (size_t i = 0; i < value.size(); ++i)
      check(value[i], type, document::append(pointer, std::to_string(i)));
  }

  void map(const json& value, Text type, const std::string& pointer) {
    if (!value.is_object()) return wrong(value, pointer, "a mapping");
    for (const auto& [key, item] : value.items()) check(item, type, document::append(pointer, key));
  }

  void object(const json& value, Text type, const std::string& pointer) {
    if (!value.is_object()) return wrong(value, pointer, "a mapping");
    const auto& fields = api().types.at(type);
    for (const auto& [key, item] : value.items()) {
      const auto field = std::find_if(fields.begin(), fields.end(),
                                      [&](const Field& each) { return each.name == key; });
      if (field == fields.end())
        unknown(fields, key, type, pointer);
      else
        check(item, field->type, document::append(pointer, key));
    }
    for (const auto& field : fields)
      if (field.required && value.value(std::string(field.name), json()).is_null())
        add(document::append(pointer, std::string(field.name)), "is required");
  }

  void unknown(const std::vector<Field>& fields, const std::string& key, Text type,
               const std::string& pointer) {
    std::vector<std::string> names;
    for (const auto& field : fields) names.emplace_back(field.name);
    const auto near = base::closest(key, names);
    const auto brief = type.substr(type.rfind('.') + 1);
    add(document::append(pointer, key), base::cat("is no field of ", brief),
        near.empty() ? "" : "did you mean " + near + "?");
  }

  void scalar(const json& value, char type, const std::string& pointer) {
    const auto number_hint =
        value.is_string() ? "{$eval: ...} gives a number, \"${...}\" gives text" : "";
    switch (type) {
      case 'b':
        if (!value.is_boolean()) wrong(value, pointer, "true or false");
        return;
      case 'i':
      case 'l':
        return whole(value, type == 'i', pointer);
      case 'f':
        if (!value.is_number()) wrong(value, pointer, "a number", number_hint);
        return;
      case 'q':
        if (!is_quantity(value)) wrong(value, pointer, "a quantity such as 500m or 4Gi");
        return;
      case 'x':
        if (!value.is_string() && !value.is_number_integer())
          wrong(value, pointer, "a whole number or text");
        return;
      default:
        if (!value.is_string())
          wrong(value, pointer, "text",
                value.is_primitive() ? "quote it: " + json(value.dump()).dump() : "");
    }
  }

  void whole(const json& value, bool narrow, const std::string& pointer) {
    const bool fits =
        value.is_number_integer() && (!narrow || (value >= std::numeric_limits<int32_t>::min() &&
                                                  value <= std::numeric_limits<int32_t>::max()));
    if (fits) return;
    const std::string bits = narrow ? "32" : "64";
    wrong(value, pointer, "a whole number of " + bits + " bits",
          value.is_string() ? "{$eval: ...} gives a number, \"${...}\" gives text" : "");
  }

  static bool is_quantity(const json& value) {
    if (value.is_number()) return true;
    return value.is_string() && Quantity::try_parse(value.get<std::string>());
  }

  base::Diagnostics& problems_;
};

bool is_built_in_group(const std::string& api_version) {
  const auto group = group_of(api_version);
  if (group.find('.') == std::string::npos) return true;  // no other may be without a '.'
  return std::any_of(api().kinds.begin(), api().kinds.end(),
                     [&](const KnownKind& each) { return group_of(each.api_version) == group; });
}

base::Diagnostic no_such_kind(const std::string& api_version, const std::string& kind) {
  std::vector<std::string> near, versions;
  for (const auto& each : api().kinds) {
    if (each.api_version == api_version) near.emplace_back(each.kind);
    if (each.kind == kind) versions.emplace_back(each.api_version);
  }
  const auto closest = base::closest(kind, near);
  return {"kind", "there is no " + kind + " in " + api_version,
          !versions.empty()  ? "it is in " + base::join(versions, ", ")
          : !closest.empty() ? "did you mean " + closest + "?"
                             : ""};
}

base::Diagnostic missing(const std::string& field, const json& object) {
  for (const auto& [key, unused] : object.items())
    if (key != field && base::closest(key, {field}) == field)
      return {field, "is required", base::cat("did you mean it by ", key, "?")};
  return {field, "is required", ""};
}

}  // namespace

ApiCheck check_api(const json& object) {
  ApiCheck result;
  const auto version = text_at(object, {"apiVersion"});
  const auto kind = text_at(object, {"kind"});
  if (version.empty() || kind.empty()) {
    result.problems.push_back(missing(version.empty() ? "apiVersion" : "kind", object));
    return result;
  }
  const auto found = std::find_if(
      api().kinds.begin(), api().kinds.end(),
      [&](const KnownKind& each) { return each.api_version == version && each.kind == kind; });
  if (found != api().kinds.end()) {
    if (found->type == "-")
      result.problems.push_back({"kind", kind + " lies in no namespace",
                                 "a workload is of one namespace, and owns what it makes"});
    else
      Checker(result.problems).check(object, base::cat("@", found->type), "");
    return result;
  }
  result.known = is_built_in_group(version);
  if (result.known) result.problems.push_back(no_such_kind(version, kind));
  return result;
}

}  // namespace lotse::object
