#include "template/jsone.h"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>

#include "base/strings.h"
#include "document/document.h"
#include "template/evaluator.h"

namespace lotse::tmpl::jsone {

namespace {

bool is_name(const std::string& text) {
  static const std::regex pattern("[a-zA-Z_][a-zA-Z0-9_]*");
  return text.size() < 1000 && std::regex_match(text, pattern);
}

std::string member_path(const std::string& path, const std::string& key) {
  return is_name(key) ? base::cat(path, ".", key) : base::cat(path, "[", Value(key).dump(), "]");
}

/// Adds to a mistake in an expression where in the template the expression stands.
template <class Work>
auto at(const std::string& path, Work work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!error.path.empty()) throw;
    throw Error(error.kind, path, error.message);
  }
}

/// The JSON pointer in `root` to the very value `wanted`, not to one that equals it.
std::optional<std::string> pointer_to(const Value& root, const Value* wanted,
                                      const std::string& at = "") {
  if (&root == wanted) return at;
  if (!root.is_structured()) return {};
  for (const auto& [key, value] : root.items())
    if (auto found = pointer_to(value, wanted, document::append(at, key))) return found;
  return {};
}

/// The variables that a key such as "each(x, y)" names: {x, y}; nothing if the key has another
/// form. White space stands behind a comma alone, as the reference has it.
std::vector<std::string> parameters(const std::string& key, const std::string& word, size_t least,
                                    size_t most) {
  if (key.size() > 1000 || key.compare(0, word.size() + 1, base::cat(word, "(")) != 0 ||
      key.back() != ')')
    return {};
  std::vector<std::string> names;
  for (const auto& part :
       base::split(key.substr(word.size() + 1, key.size() - word.size() - 2), ','))
    names.push_back(
        names.empty() ? part : part.substr(std::min(part.find_first_not_of(" \t\n"), part.size())));
  const bool fine = names.size() >= least && names.size() <= most &&
                    std::all_of(names.begin(), names.end(), is_name);
  return fine ? names : std::vector<std::string>();
}

class Renderer {
 public:
  explicit Renderer(const Fragments& fragments) : fragments_(fragments) {}

  Value render(const Value& node, const Scope& scope, const std::string& path) {
    try {
      return rendered(node, scope, path);
    } catch (const Error&) {
      if (!mistaken_) mistaken_ = &node;
      throw;
    }
  }

  /// The innermost value that could not be rendered.
  const Value* mistaken() const { return mistaken_; }

 private:
  using Operator = Value (Renderer::*)(const Value&, const Scope&, const std::string&);

  Value rendered(const Value& node, const Scope& scope, const std::string& path) {
    budget_.spend(1);
    if (node.is_string()) return interpolate(node, scope, path);
    if (node.is_array()) return list(node, scope, path);
    if (!node.is_object()) return node;
    if (!fragments_.empty() && node.contains("$include")) return include(node, scope, path);
    const auto found = operator_of(node, path);
    if (found.empty()) return object(node, scope, path);
    return (this->*operators().at(found))(node, scope, path);
  }

  [[noreturn]] static void fail(const std::string& path, const std::string& message) {
    throw Error("TemplateError", path, message);
  }

  static const std::map<std::string, Operator>& operators() {
    static const std::map<std::string, Operator> table{{"$eval", &Renderer::eval},
                                                       {"$flatten", &Renderer::flatten},
                                                       {"$flattenDeep", &Renderer::flatten},
                                                       {"$fromNow", &Renderer::from_now},
                                                       {"$if", &Renderer::if_},
                                                       {"$json", &Renderer::to_json},
                                                       {"$let", &Renderer::let},
                                                       {"$map", &Renderer::map},
                                                       {"$reduce", &Renderer::reduce},
                                                       {"$find", &Renderer::find},
                                                       {"$match", &Renderer::match},
                                                       {"$switch", &Renderer::switch_},
                                                       {"$merge", &Renderer::merge},
                                                       {"$mergeDeep", &Renderer::merge},
                                                       {"$sort", &Renderer::sort},
                                                       {"$reverse", &Renderer::reverse}};
    return table;
  }

  static std::string operator_of(const Value& node, const std::string& path) {
    std::string found;
    for (const auto& [name, unused] : operators()) {
      if (!node.contains(name)) continue;
      if (!found.empty()) fail(path, "only one operator allowed");
      found = name;
    }
    return found;
  }

  /// Refuses properties besides those that the operator knows.
  static void allow(const Value& node, const std::string& name,
                    const std::vector<std::string>& known, const std::string& path) {
    std::vector<std::string> others;
    for (const auto& [key, unused] : node.items())
      if (key != name && std::find(known.begin(), known.end(), key) == known.end())
        others.push_back(key);
    if (!others.empty())
      fail(path, base::cat(name, " has undefined properties: ", base::join(others, " ")));
  }

  Value evaluate_text(const Value& text, const Scope& scope, const std::string& path) {
    const std::string source = text;
    return at(path, [&] { return evaluate(*parse_expression(source), scope, budget_); });
  }

  std::string interpolate(const std::string& text, const Scope& scope, const std::string& path) {
    std::string result;
    size_t from = 0;
    for (auto mark = text.find("${"); mark != std::string::npos; mark = text.find("${", from)) {
      if (mark > from && text[mark - 1] == '$') {
        result += text.substr(from, mark - 1 - from) + "${";
        from = mark + 2;
        continue;
      }
      result += text.substr(from, mark - from);
      size_t end = 0;
      const auto value = at(path, [&] {
        const auto expression = parse_interpolation(text, mark + 2, end);
        return evaluate(*expression, scope, budget_);
      });
      if (value.is_structured() || is_function(value))
        fail(path,
             base::cat("interpolation of '", base::trim(text.substr(mark + 2, end - mark - 2)),
                       "' produced an array or object"));
      if (value.is_string()) {
        result += value.get_ref<const std::string&>();
      } else if (!value.is_null()) {
        result += value.is_number() ? number_text(value) : value.dump();
      }
      from = end + 1;
    }
    return result + text.substr(from);
  }

  Value list(const Value& node, const Scope& scope, const std::string& path) {
    auto result = Value::array();
    for (size_t i = 0; i < node.size(); ++i) {
      auto item = render(node[i], scope, base::cat(path, "[", i, "]"));
      if (!item.is_discarded()) result.push_back(std::move(item));
    }
    return result;
  }

  Value object(const Value& node, const Scope& scope, const std::string& path) {
    auto result = Value::object();
    for (const auto& [key, value] : node.items()) {
      const auto inside = member_path(path, key);
      auto item = render(value, scope, inside);
      if (item.is_discarded()) continue;
      result[object_key(key, scope, inside)] = std::move(item);
    }
    return result;
  }

  std::string object_key(const std::string& key, const Scope& scope, const std::string& path) {
    if (key.compare(0, 2, "$$") == 0 && key.compare(0, 3, "$${") != 0) return key.substr(1);
    if (key.size() > 1 && key[0] == '$' && is_name(key.substr(1)))
      fail(path.substr(0, path.rfind(key[0] == '$' && path.back() == ']' ? '[' : '.')),
           "$<identifier> is reserved; use $$<identifier>");
    return interpolate(key, scope, path);
  }

  Value rendered_list(const Value& node, const std::string& name, const Scope& scope,
                      const std::string& path, const std::string& message) {
    auto value = render(node.at(name), scope, path);
    if (!value.is_array()) fail(path, name + message);
    return value;
  }

  Value include(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$include", {}, path);
    const auto& name = node["$include"];
    const auto found =
        name.is_string() ? fragments_.find(name.get<std::string>()) : fragments_.end();
    if (found == fragments_.end())
      fail(path, base::cat("$include names no fragment: ", name.dump()));
    if (includes_ == max_includes) fail(path, "fragments include each other more than 10 deep");
    ++includes_;
    try {
      auto result = render(found->second, scope, "");
      --includes_;
      return result;
    } catch (Error& error) {
      if (error.fragment.empty()) {
        error.fragment = found->first;
        error.pointer = pointer_to(found->second, mistaken_).value_or("");
      }
      throw;
    }
  }

  Value eval(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$eval", {}, path);
    if (!node["$eval"].is_string()) fail(path, "$eval must be given a string expression");
    return evaluate_text(node["$eval"], scope, path);
  }

  static void flatten_into(Value& into, const Value& value, int levels) {
    for (const auto& item : value) {
      if (item.is_array() && levels > 0) {
        flatten_into(into, item, levels - 1);
      } else {
        into.push_back(item);
      }
    }
  }

  Value flatten(const Value& node, const Scope& scope, const std::string& path) {
    const std::string name = node.contains("$flatten") ? "$flatten" : "$flattenDeep";
    allow(node, name, {}, path);
    auto result = Value::array();
    flatten_into(result, rendered_list(node, name, scope, path, " value must evaluate to an array"),
                 name == "$flatten" ? 1 : 1000);
    return result;
  }

  Value from_now(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$fromNow", {"from"}, path);
    const auto offset = render(node["$fromNow"], scope, path);
    if (!offset.is_string()) fail(path, "$fromNow expects a string");
    auto reference = node.contains("from") ? render(node["from"], scope, path) : Value();
    if (const auto* now = scope.find("now"); now && !node.contains("from")) reference = *now;
    if (!reference.is_string()) fail(path, "there is no clock: give $fromNow a `from`");
    return at(path, [&] { return move_time(reference, offset); });
  }

  Value if_(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$if", {"then", "else"}, path);
    if (!node["$if"].is_string()) fail(path, "$if can evaluate string expressions only");
    const auto* branch = truthy(evaluate_text(node["$if"], scope, path)) ? "then" : "else";
    return node.contains(branch) ? render(node[branch], scope, path) : delete_mark();
  }

  Value to_json(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$json", {}, path);
    const auto value = render(node["$json"], scope, path);
    if (holds_function(value)) fail(path, "evaluated template contained uncalled functions");
    if (value.is_discarded()) fail(path, "$json has no value to write");
    return value.dump();
  }

  static void check_names(const Value& variables, const std::string& what,
                          const std::string& path) {
    for (const auto& [key, unused] : variables.items())
      if (!is_name(key))
        fail(path, base::cat("top level keys of ", what, " must follow /[a-zA-Z_][a-zA-Z0-9_]*/"));
  }

  Value let(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$let", {"in"}, path);
    const auto variables = render(node["$let"], scope, path);
    if (!variables.is_object()) fail(path, "$let value must be an object");
    check_names(variables, "$let", path);
    if (!node.contains("in")) fail(path, "$let operator requires an `in` clause");
    return render(node["in"], Scope{&scope, &variables}, path);
  }

  /// The one property besides `name` (and `other`) that is "word(a, b)"; "" if there is none.
  static std::string parameter_key(const Value& node, const std::string& name,
                                   const std::string& word, size_t least, size_t most,
                                   const std::string& other, const std::string& path) {
    std::string found;
    for (const auto& [key, unused] : node.items())
      if (!parameters(key, word, least, most).empty()) found = key;
    allow(node, name, {found, other}, path);
    return found;
  }

  Value map(const Value& node, const Scope& scope, const std::string& path) {
    const auto key = parameter_key(node, "$map", "each", 1, 2, "", path);
    if (key.empty()) fail(path, "$map must have exactly two properties");
    const auto value = render(node["$map"], scope, path);
    if (!value.is_structured()) fail(path, "$map value must evaluate to an array or object");
    const auto names = parameters(key, "each", 1, 2);
    return value.is_array() ? map_list(node[key], value, names, scope, path)
                            : map_object(node[key], value, names, scope, path);
  }

  Value map_list(const Value& body, const Value& items, const std::vector<std::string>& names,
                 const Scope& scope, const std::string& path) {
    auto result = Value::array();
    for (size_t i = 0; i < items.size(); ++i) {
      Value variables{{names[0], items[i]}};
      if (names.size() > 1) variables[names[1]] = i;
      auto item = render(body, Scope{&scope, &variables}, base::cat(path, "[", i, "]"));
      if (!item.is_discarded()) result.push_back(std::move(item));
    }
    return result;
  }

  Value map_object(const Value& body, const Value& items, const std::vector<std::string>& names,
                   const Scope& scope, const std::string& path) {
    auto result = Value::object();
    for (const auto& [key, value] : items.items()) {
      Value variables = Value::object();
      if (names.size() > 1) {
        variables[names[0]] = value;
        variables[names[1]] = key;
      } else {
        variables[names[0]] = {{"key", key}, {"val", value}};
      }
      const auto item = render(body, Scope{&scope, &variables}, path);
      if (item.is_discarded()) continue;
      if (!item.is_object())
        fail(path, base::cat("$map on objects expects each(", base::join(names, ","),
                             ") to evaluate to an object"));
      result.update(item);
    }
    return result;
  }

  Value reduce(const Value& node, const Scope& scope, const std::string& path) {
    const auto key = parameter_key(node, "$reduce", "each", 2, 3, "initial", path);
    if (key.empty() || !node.contains("initial"))
      fail(path, "$reduce must have exactly three properties");
    const auto items =
        rendered_list(node, "$reduce", scope, path, " value must evaluate to an array");
    const auto names = parameters(key, "each", 2, 3);
    Value result = node["initial"];  // as it stands: the language does not render it
    for (size_t i = 0; i < items.size(); ++i) {
      Value variables{{names[0], result}, {names[1], items[i]}};
      if (names.size() > 2) variables[names[2]] = i;
      auto next = render(node[key], Scope{&scope, &variables}, path);
      if (!next.is_discarded()) result = std::move(next);
    }
    return result;
  }

  Value find(const Value& node, const Scope& scope, const std::string& path) {
    const auto key = parameter_key(node, "$find", "each", 1, 2, "", path);
    if (key.empty()) fail(path, "$find must have exactly two properties");
    const auto items =
        rendered_list(node, "$find", scope, path, " value must evaluate to an array");
    if (!node[key].is_string()) fail(path, "each can evaluate string expressions only");
    const auto names = parameters(key, "each", 1, 2);
    for (size_t i = 0; i < items.size(); ++i) {
      Value variables{{names[0], items[i]}};
      if (names.size() > 1) variables[names[1]] = i;
      if (truthy(evaluate_text(node[key], Scope{&scope, &variables}, path))) return items[i];
    }
    return delete_mark();
  }

  Value match(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$match", {}, path);
    if (!node["$match"].is_object()) fail(path, "$match can evaluate objects only");
    auto result = Value::array();
    for (const auto& [condition, value] : node["$match"].items()) {
      if (!truthy(evaluate_text(condition, scope, path))) continue;
      auto item = render(value, scope, path);
      if (item.is_discarded()) fail(path, "$match has no value for a condition that holds");
      result.push_back(std::move(item));
    }
    return result;
  }

  Value switch_(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$switch", {}, path);
    const auto& cases = node["$switch"];
    if (!cases.is_object()) fail(path, "$switch can evaluate objects only");
    const Value* chosen = nullptr;
    for (const auto& [condition, value] : cases.items()) {
      if (condition == "$default" || !truthy(evaluate_text(condition, scope, path))) continue;
      if (chosen) fail(path, "$switch can only have one truthy condition");
      chosen = &value;
    }
    if (!chosen && cases.contains("$default")) chosen = &cases["$default"];
    return chosen ? render(*chosen, scope, path) : delete_mark();
  }

  static Value merge_deep(const Value& left, const Value& right) {
    if (left.is_array() && right.is_array()) {
      auto result = left;
      for (const auto& item : right) result.push_back(item);
      return result;
    }
    if (!left.is_object() || !right.is_object()) return right;
    auto result = left;
    for (const auto& [key, value] : right.items())
      result[key] = left.contains(key) ? merge_deep(left[key], value) : value;
    return result;
  }

  Value merge(const Value& node, const Scope& scope, const std::string& path) {
    const std::string name = node.contains("$merge") ? "$merge" : "$mergeDeep";
    const std::string message = " value must evaluate to an array of objects";
    allow(node, name, {}, path);
    auto result = Value::object();
    for (const auto& item : rendered_list(node, name, scope, path, message)) {
      if (!item.is_object()) fail(path, name + message);
      if (name == "$merge") {
        result.update(item);
      } else {
        result = merge_deep(result, item);
      }
    }
    return result;
  }

  Value sort(const Value& node, const Scope& scope, const std::string& path) {
    const auto key = parameter_key(node, "$sort", "by", 1, 1, "", path);
    constexpr auto message = "$sorted values to be sorted must have the same type";
    const auto items = render(node["$sort"], scope, path);
    if (!items.is_array()) fail(path, message);
    std::vector<std::pair<Value, Value>> pairs;
    for (const auto& item : items) {
      auto by = item;
      if (!key.empty()) {
        const Value variables{{parameters(key, "by", 1, 1)[0], item}};
        by = evaluate_text(node[key], Scope{&scope, &variables}, path);
      }
      const bool fits = by.is_number() || by.is_string();
      const bool same = pairs.empty() || by.is_string() == pairs[0].first.is_string();
      if (!fits || !same) fail(path, message);
      pairs.emplace_back(std::move(by), item);
    }
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    auto result = Value::array();
    for (auto& [unused, item] : pairs) result.push_back(std::move(item));
    return result;
  }

  Value reverse(const Value& node, const Scope& scope, const std::string& path) {
    allow(node, "$reverse", {}, path);
    auto items =
        rendered_list(node, "$reverse", scope, path, " value must evaluate to an array of objects");
    std::reverse(items.begin(), items.end());
    return items;
  }

  static constexpr int max_includes = 10;

  const Fragments& fragments_;
  const Value* mistaken_ = nullptr;
  int includes_ = 0;
  Budget budget_;

 public:
  static std::vector<std::string> operator_names() {
    std::vector<std::string> names;
    for (const auto& [name, unused] : operators()) names.push_back(name);
    return names;
  }
  static void check_context(const Value& context) { check_names(context, "context", ""); }
};

std::string wording(const std::string& kind, const std::string& path, const std::string& message) {
  return path.empty() ? base::cat(kind, ": ", message)
                      : base::cat(kind, " at template", path, ": ", message);
}

}  // namespace

Error::Error(std::string error_kind, std::string error_path, std::string error_message)
    : std::runtime_error(wording(error_kind, error_path, error_message)),
      kind(std::move(error_kind)),
      path(std::move(error_path)),
      message(std::move(error_message)) {}

nlohmann::json render(const nlohmann::json& value, const nlohmann::json& context,
                      const Fragments& fragments) {
  Renderer::check_context(context);
  const Scope builtins{nullptr, &builtin_variables()};
  Renderer renderer(fragments);
  Value result;
  try {
    result = renderer.render(value, Scope{&builtins, &context}, "");
  } catch (Error& error) {
    if (error.fragment.empty()) error.pointer = pointer_to(value, renderer.mistaken()).value_or("");
    throw;
  }
  if (result.is_discarded()) return nullptr;
  if (holds_function(result))
    throw Error("TemplateError", "", "evaluated template contained uncalled functions");
  return result;
}

std::vector<std::string> operator_names() {
  return Renderer::operator_names();
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : builtin_variables().items()) names.push_back(name);
  return names;
}

}  // namespace lotse::tmpl::jsone
