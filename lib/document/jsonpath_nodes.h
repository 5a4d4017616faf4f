#pragma once
#include <optional>

#include "document/jsonpath.h"

/// The syntax tree of a JSONPath template, which the parser makes and the evaluator walks.
namespace lotse::document::jsonpath {

using nlohmann::json;

struct Filter;

/// One step from values to values.
struct Step {
  enum class Kind { field, slice, every, recursive, choice, filter };
  Kind kind = Kind::field;
  std::string name = {};  ///< of a field
  std::optional<int64_t> begin = {}, end = {};
  int64_t stride = 1;
  bool single = false;  ///< written as [3], not as [3:4]
  std::vector<Step> choices = {};
  std::shared_ptr<Filter> filter = {};
};

using Path = std::vector<Step>;

struct Operand {
  std::optional<json> literal = {};
  Path path = {};
};

struct Filter {
  Operand left;
  std::string comparison;  ///< the operator; "": the filter asks whether the left side exists
  Operand right;
};

}  // namespace lotse::document::jsonpath

namespace lotse::document {

struct JsonPath::Node {
  std::string text = {};  ///< if there is no path
  std::optional<jsonpath::Path> path = {};
  bool is_range = false;
  std::vector<Node> body = {};  ///< of a range
};

namespace jsonpath {
/// Throws Error(invalid).
std::vector<JsonPath::Node> parse(const std::string& text);
}  // namespace jsonpath

}  // namespace lotse::document
