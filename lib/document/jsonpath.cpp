#include "document/jsonpath.h"

#include "base/error.h"
#include "base/strings.h"
#include "document/jsonpath_nodes.h"

namespace lotse::document {

using namespace jsonpath;

namespace {

using Values = std::vector<const json*>;

[[noreturn]] void refuse(const std::string& message) {
  throw base::Error({{"jsonpath", message, ""}});
}

Values walk(const Path& path, Values values);

void add_all(Values& into, const json& value) {
  if (value.is_structured())
    for (const auto& each : value) into.push_back(&each);
}

/// Adds `value` and every object and array within it that is not empty, outer ones first.
void add_containers(Values& into, const json& value) {
  if (!value.is_structured() || value.empty()) return;
  into.push_back(&value);
  for (const auto& each : value) add_containers(into, each);
}

void add_slice(Values& into, const Step& step, const json& value) {
  if (value.is_null()) return;
  if (!value.is_array()) refuse(base::cat("[", step.begin.value_or(0), "] of what is no array"));
  const auto size = static_cast<int64_t>(value.size());
  auto begin = step.begin.value_or(0);
  if (begin < 0) begin += size;
  auto end = step.single ? begin + 1 : step.end.value_or(size);
  if (end < 0) end += size;
  if (begin == end) return;
  if (begin < 0 || begin >= size || end > size)
    refuse(base::cat("there is no index ", begin < 0 || begin >= size ? begin : end - 1,
                     " in an array of ", size));
  if (begin > end) refuse(base::cat("the slice begins at ", begin, " and ends at ", end));
  for (auto i = begin; i < end; i += step.stride) into.push_back(&value[static_cast<size_t>(i)]);
}

template <class Type>
bool holds(const std::string& sign, const Type& left, const Type& right) {
  if (sign == "==") return left == right;
  if (sign == "!=") return left != right;
  if (sign == "<") return left < right;
  if (sign == "<=") return left <= right;
  if (sign == ">") return left > right;
  return left >= right;
}

bool compare(const std::string& sign, const json& left, const json& right) {
  const bool alike = (left.is_number() && right.is_number()) ||
                     (left.is_string() && right.is_string()) ||
                     (left.is_boolean() && right.is_boolean() && (sign == "==" || sign == "!="));
  if (!alike) refuse(base::cat("cannot compare ", left.dump(), " ", sign, " ", right.dump()));
  return holds(sign, left, right);
}

/// The operand's one value for this element; null if it has none.
const json* value_of(const Operand& operand, const json& element) {
  if (operand.literal) return &*operand.literal;
  const auto found = walk(operand.path, {&element});
  if (found.size() > 1) refuse("a filter compares one value with one, not with several");
  return found.empty() ? nullptr : found.front();
}

bool passes(const Filter& filter, const json& element) {
  if (filter.comparison.empty())
    return filter.left.literal || !walk(filter.left.path, {&element}).empty();
  const json* left = value_of(filter.left, element);
  const json* right = left == nullptr ? nullptr : value_of(filter.right, element);
  return right != nullptr && compare(filter.comparison, *left, *right);
}

void add_passing(Values& into, const Filter& filter, const json& value) {
  if (!value.is_array()) refuse("a filter of what is no array");
  for (const auto& element : value)
    if (passes(filter, element)) into.push_back(&element);
}

void apply(const Step& step, const json& value, Values& into) {
  switch (step.kind) {
    case Step::Kind::field:
      if (value.is_object() && value.contains(step.name)) into.push_back(&value[step.name]);
      return;
    case Step::Kind::slice:
      return add_slice(into, step, value);
    case Step::Kind::every:
      return add_all(into, value);
    case Step::Kind::recursive:
      return add_containers(into, value);
    case Step::Kind::choice:
      for (const auto& choice : step.choices) apply(choice, value, into);
      return;
    case Step::Kind::filter:
      return add_passing(into, *step.filter, value);
  }
}

Values walk(const Path& path, Values values) {
  for (const auto& step : path) {
    Values next;
    for (const auto* value : values) apply(step, *value, next);
    values = std::move(next);
  }
  return values;
}

/// A value as kubectl prints it: a text as it is, an object or array as Go's encoding/json writes
/// it.
std::string shown(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  static constexpr std::pair<const char*, const char*> escapes[] = {
      {"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}};
  for (const auto& [plain, escape] : escapes) text = base::replace_all(text, plain, escape);
  return text;
}

void fill_in(const std::vector<JsonPath::Node>& nodes, const json& value, std::string& out) {
  for (const auto& node : nodes) {
    if (!node.path) {
      out += node.text;
      continue;
    }
    const auto found = walk(*node.path, {&value});
    for (size_t i = 0; i < found.size(); ++i) {
      if (node.is_range)
        fill_in(node.body, *found[i], out);
      else
        out += (i > 0 ? " " : "") + shown(*found[i]);
    }
  }
}

}  // namespace

JsonPath::JsonPath(const std::string& text) : nodes_(parse(text)) {}
JsonPath::~JsonPath() = default;
JsonPath::JsonPath(JsonPath&&) noexcept = default;

std::string JsonPath::fill(const json& value) const {
  std::string out;
  fill_in(nodes_, value, out);
  return out;
}

}  // namespace lotse::document
