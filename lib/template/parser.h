#pragma once
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::tmpl::jsone {

/// A node of an expression's syntax tree.
struct Expression {
  enum Kind { literal, variable, unary, binary, property, index, slice, call, list, object };
  Kind kind = literal;
  nlohmann::json value;                               ///< literal
  std::string name;                                   ///< variable, property, operator
  std::vector<std::unique_ptr<Expression>> operands;  ///< null: a bound that a slice leaves out
  std::vector<std::string> keys;                      ///< of an object
};
using ExpressionPointer = std::unique_ptr<Expression>;

/// Parses the whole of `source` as one expression. Throws jsone::Error (SyntaxError).
ExpressionPointer parse_expression(std::string_view source);

/// Parses the expression within "${...}" that begins at `from`; `end` becomes the place of its "}".
ExpressionPointer parse_interpolation(std::string_view source, size_t from, size_t& end);

}  // namespace lotse::tmpl::jsone
