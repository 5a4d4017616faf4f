#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::document {

/// A template of kubectl's JSONPath dialect (kubernetes.io/docs/reference/kubectl/jsonpath): text
/// with expressions in braces, {range}...{end}, fields, ['a','b'], [0], [-1], [1:3], [*], ..name
/// and filters [?(@.a=="b")] with == != < <= > >= or the bare existence of a path.
class JsonPath {
 public:
  /// Throws Error(invalid) whose diagnostic names "jsonpath:COLUMN" for anything else.
  explicit JsonPath(const std::string& text);
  ~JsonPath();
  JsonPath(JsonPath&&) noexcept;

  /// Fills the template from `value`. A key that is not there gives nothing. Throws Error(invalid)
  /// for an index beyond an array and a comparison of unlike values, as kubectl does.
  std::string fill(const nlohmann::json& value) const;

  struct Node;

 private:
  std::vector<Node> nodes_;
};

}  // namespace lotse::document
