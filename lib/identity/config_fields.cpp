#include "identity/config_fields.h"

#include "crypto/base64.h"

namespace lotse::identity {

/// `always` is what kubectl prints where the field is empty; a discarded value means that it prints
/// nothing.
struct FieldReader::Field {
  const char* name;
  Type type;
  json always = json(json::value_t::discarded);
  const Fields* part = nullptr;
};

struct FieldReader::Fields {
  std::vector<Field> list;

  static const Fields& of(Part part) {
    switch (part) {
      case Part::cluster:
        return cluster();
      case Part::user:
        return user();
      case Part::context:
        return context();
      default:
        return preferences();
    }
  }

  static const Fields& cluster() {
    static const Fields fields{{{"server", Type::text, ""},
                                {"tls-server-name", Type::text},
                                {"insecure-skip-tls-verify", Type::flag},
                                {"certificate-authority", Type::text},
                                {"certificate-authority-data", Type::bytes},
                                {"proxy-url", Type::text},
                                {"disable-compression", Type::flag},
                                {"extensions", Type::extensions}}};
    return fields;
  }

  static const Fields& user() {
    static const Fields fields{{{"client-certificate", Type::text},
                                {"client-certificate-data", Type::bytes},
                                {"client-key", Type::text},
                                {"client-key-data", Type::bytes},
                                {"token", Type::text},
                                {"tokenFile", Type::text},
                                {"as", Type::text},
                                {"as-uid", Type::text},
                                {"as-groups", Type::texts},
                                {"as-user-extra", Type::texts_map},
                                {"username", Type::text},
                                {"password", Type::text},
                                {"auth-provider", Type::part, discarded(), &provider()},
                                {"exec", Type::part, discarded(), &exec()},
                                {"extensions", Type::extensions}}};
    return fields;
  }

  static const Fields& exec() {
    static const Fields fields{{{"command", Type::text, ""},
                                {"args", Type::texts, nullptr},
                                {"env", Type::variables, nullptr},
                                {"apiVersion", Type::text},
                                {"installHint", Type::text},
                                {"provideClusterInfo", Type::flag, false},
                                {"interactiveMode", Type::text}}};
    return fields;
  }

  static const Fields& provider() {
    static const Fields fields{{{"name", Type::text, ""}, {"config", Type::text_map, nullptr}}};
    return fields;
  }

  static const Fields& variable() {
    static const Fields fields{{{"name", Type::text, ""}, {"value", Type::text, ""}}};
    return fields;
  }

  static const Fields& context() {
    static const Fields fields{{{"cluster", Type::text, ""},
                                {"user", Type::text, ""},
                                {"namespace", Type::text},
                                {"extensions", Type::extensions}}};
    return fields;
  }

  static const Fields& preferences() {
    static const Fields fields{{{"colors", Type::flag}, {"extensions", Type::extensions}}};
    return fields;
  }

  static json discarded() { return json(json::value_t::discarded); }
};

namespace {

/// Plug-ins of the first version may read from the terminal unless they say otherwise; later ones
/// must say (client-go's api/v1/defaults.go).
void add_interactive_mode(json& user) {
  if (!user.contains("exec") || user["exec"].contains("interactiveMode")) return;
  const auto version = user["exec"].value("apiVersion", "");
  if (version == "client.authentication.k8s.io/v1beta1" ||
      version == "client.authentication.k8s.io/v1alpha1")
    user["exec"]["interactiveMode"] = "IfAvailable";
}

bool is_empty(const json& value) {
  return value.is_null() || value == "" || value == false ||
         (value.is_structured() && value.empty());
}

}  // namespace

json named_list(const std::map<std::string, json>& entries, const char* key) {
  json list = json::array();
  for (const auto& [name, value] : entries) list.push_back({{"name", name}, {key, value}});
  return list;
}

void FieldReader::problem(const std::string& pointer, const std::string& message) const {
  problems_.push_back({file_.where(pointer), document::display_path(pointer) + " " + message, ""});
}

json FieldReader::part(const json& value, Part part, const std::string& pointer) const {
  auto read = object(value, Fields::of(part), pointer);
  if (part == Part::user) add_interactive_mode(read);
  return read;
}

json FieldReader::object(const json& value, const Fields& fields,
                         const std::string& pointer) const {
  json read = json::object();
  if (!value.is_object() && !value.is_null()) problem(pointer, "must be a mapping");
  for (const auto& each : fields.list) {
    json found;
    if (value.is_object() && value.contains(each.name))
      found = field(value[each.name], each, document::append(pointer, each.name));
    const bool whole = each.type == Type::part && found.is_object();
    if (each.always.is_discarded()) {
      if (whole || !is_empty(found)) read[each.name] = std::move(found);
    } else {
      read[each.name] = found.is_null() ? each.always : found;
    }
  }
  return read;
}

json FieldReader::field(const json& value, const Field& field, const std::string& pointer) const {
  if (value.is_null()) return nullptr;
  switch (field.type) {
    case Type::text:
      return text_of(value, pointer);
    case Type::flag:
      return flag_of(value, pointer);
    case Type::bytes:
      return bytes_of(value, pointer);
    case Type::texts:
      return texts_of(value, pointer);
    case Type::variables:
      return variables_of(value, pointer);
    case Type::extensions:
      return named_list(extensions(value, pointer), "extension");
    case Type::part:
      return object(value, *field.part, pointer);
    default:
      return map_of(value, field.type, pointer);
  }
}

json FieldReader::text_of(const json& value, const std::string& pointer) const {
  if (value.is_string()) return value;
  if (!value.is_null())
    problem(pointer, value.is_structured() ? "must be text" : "must be text: put it in quotes");
  return "";
}

json FieldReader::flag_of(const json& value, const std::string& pointer) const {
  if (!value.is_boolean()) problem(pointer, "must be true or false");
  return value.is_boolean() ? value : json(false);
}

json FieldReader::bytes_of(const json& value, const std::string& pointer) const {
  const std::string text = text_of(value, pointer);
  const auto bytes = crypto::base64_decode(text);
  if (!bytes) problem(pointer, "is not base64");
  return bytes ? crypto::base64_encode(*bytes) : "";
}

json FieldReader::texts_of(const json& value, const std::string& pointer) const {
  if (!value.is_array()) {
    problem(pointer, "must be a list of texts");
    return nullptr;
  }
  json read = json::array();
  for (const auto& each : value)
    read.push_back(text_of(each, document::append(pointer, std::to_string(read.size()))));
  return read;
}

json FieldReader::map_of(const json& value, Type of, const std::string& pointer) const {
  if (!value.is_object()) {
    problem(pointer, "must be a mapping");
    return nullptr;
  }
  json read = json::object();
  for (const auto& [key, each] : value.items()) {
    const auto here = document::append(pointer, key);
    if (of == Type::text_map)
      read[key] = text_of(each, here);
    else
      read[key] = each.is_null() ? json(nullptr) : texts_of(each, here);
  }
  return read;
}

json FieldReader::variables_of(const json& value, const std::string& pointer) const {
  if (!value.is_array()) {
    problem(pointer, "must be a list of names and values");
    return nullptr;
  }
  json read = json::array();
  for (const auto& each : value)
    read.push_back(
        object(each, Fields::variable(), document::append(pointer, std::to_string(read.size()))));
  return read;
}

std::map<std::string, json> FieldReader::extensions(const json& value,
                                                    const std::string& pointer) const {
  std::map<std::string, json> read;
  if (!value.is_array() && !value.is_null()) problem(pointer, "must be a list");
  if (!value.is_array()) return read;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto here = document::append(pointer, std::to_string(i));
    if (!value[i].is_object() && !value[i].is_null()) problem(here, "must be a mapping");
    const json entry = value[i].is_object() ? value[i] : json::object();
    const auto name = text(entry, "name", here);
    if (read.count(name) != 0 && !read[name].is_null()) problem(here, "is there twice");
    read[name] = entry.contains("extension") ? entry["extension"] : json(nullptr);
  }
  return read;
}

std::string FieldReader::text(const json& object, const char* key,
                              const std::string& pointer) const {
  const auto found = object.find(key);
  return found == object.end() ? "" : text_of(*found, document::append(pointer, key));
}

}  // namespace lotse::identity
