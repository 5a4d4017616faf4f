#pragma once
#include <map>
#include <memory>
#include <string>

#include "template/parser.h"
#include "template/value.h"

namespace lotse::tmpl::jsone {

/// A scope of variables; an inner one hides those of the same name in the outer one.
struct Scope {
  const Scope* outer = nullptr;
  const Value* variables = nullptr;  ///< an object
  const Value* find(const std::string& name) const;
};

/// How many steps rendering may still take; expressions and template nodes share the budget.
struct Budget {
  int64_t steps = 2000000;
  void spend(int64_t count);  ///< throws jsone::Error
};

/// The value of an expression. Throws jsone::Error (InterpreterError, BuiltinError).
Value evaluate(const Expression& expression, const Scope& scope, Budget& budget);

/// The builtin functions, by name.
const Value& builtin_variables();
Value call_builtin(const Value& function, const std::vector<Value>& arguments, const Scope& scope,
                   Budget& budget);

/// ISO 8601 `reference` (UTC) moved by "2 days 3 hours"; years have 365 days, months 30.
std::string move_time(const std::string& reference, const std::string& offset);

}  // namespace lotse::tmpl::jsone
