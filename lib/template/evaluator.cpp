#include "template/evaluator.h"

#include <cmath>
#include <limits>

#include "base/strings.h"
#include "template/jsone.h"

namespace lotse::tmpl::jsone {

namespace {

constexpr size_t max_text = 16 << 20;

[[noreturn]] void fail(const std::string& message) {
  throw Error("InterpreterError", "", message);
}

/// A document's whole numbers from 0 are unsigned.
bool is_signed_64(const Value& value) {
  if (value.is_number_unsigned())
    return value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  return value.is_number_integer();
}

Value arithmetic(const std::string& sign, const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number())
    fail(base::cat("infix: ", sign, " expects number ", sign, " number"));
  if (is_signed_64(a) && is_signed_64(b)) {
    int64_t result = 0;
    const auto x = a.get<int64_t>();
    const auto y = b.get<int64_t>();
    const bool overflow = sign == "-"   ? __builtin_sub_overflow(x, y, &result)
                          : sign == "*" ? __builtin_mul_overflow(x, y, &result)
                          : sign == "+" ? __builtin_add_overflow(x, y, &result)
                                        : true;
    if (!overflow) return result;
  }
  const auto x = a.get<double>();
  const auto y = b.get<double>();
  if (sign == "/" && y == 0) fail("division by zero");
  const double result = sign == "+"   ? x + y
                        : sign == "-" ? x - y
                        : sign == "*" ? x * y
                        : sign == "/" ? x / y
                                      : std::pow(x, y);
  if (!std::isfinite(result)) fail(base::cat("infix: ", sign, " yields no finite number"));
  return to_number(result);
}

Value add(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) {
    const auto& left = a.get_ref<const std::string&>();
    const auto& right = b.get_ref<const std::string&>();
    if (left.size() + right.size() > max_text) fail("a string grows beyond 16 MiB");
    return left + right;
  }
  if (!a.is_number() || !b.is_number()) fail("infix: + expects numbers/strings + numbers/strings");
  return arithmetic("+", a, b);
}

Value compare(const std::string& sign, const Value& a, const Value& b) {
  if (!(a.is_number() && b.is_number()) && !(a.is_string() && b.is_string()))
    fail(base::cat("infix: ", sign, " expects numbers/strings ", sign, " numbers/strings"));
  if (sign == "<") return a < b;
  if (sign == ">") return a > b;
  if (sign == "<=") return a <= b;
  return a >= b;
}

Value contains(const Value& a, const Value& b) {
  if (b.is_object()) {
    if (!a.is_string()) fail("Infix: in-object expects string on left side");
    return b.contains(a.get<std::string>());
  }
  if (b.is_string()) {
    if (!a.is_string()) fail("infix: in-string expects string on left side");
    return b.get_ref<const std::string&>().find(a.get_ref<const std::string&>()) !=
           std::string::npos;
  }
  if (!b.is_array()) fail("Infix: in expects array, string, or object on right side");
  for (const auto& item : b)
    if (item == a) return true;
  return false;
}

/// Python's rule: negative bounds count from the end, everything is clamped.
std::pair<size_t, size_t> bounds(int64_t begin, int64_t end, size_t size) {
  const auto length = static_cast<int64_t>(size);
  const auto clamp = [&](int64_t at) {
    return std::max<int64_t>(0, std::min(at < 0 ? at + length : at, length));
  };
  const auto first = clamp(begin);
  return {static_cast<size_t>(first), static_cast<size_t>(std::max(first, clamp(end)))};
}

class Evaluator {
 public:
  Evaluator(const Scope& scope, Budget& budget) : scope_(scope), budget_(budget) {}

  Value value(const Expression& node) {
    budget_.spend(1);
    switch (node.kind) {
      case Expression::literal:
        return node.value;
      case Expression::variable:
        return variable(node.name);
      case Expression::unary:
        return unary(node);
      case Expression::binary:
        return binary(node);
      case Expression::property:
        return property(node);
      case Expression::index:
        return index(value(*node.operands[0]), value(*node.operands[1]));
      case Expression::slice:
        return slice(node);
      case Expression::call:
        return call(node);
      case Expression::list:
        return Value(list(node, 0));
      case Expression::object:
        return object(node);
    }
    return nullptr;
  }

 private:
  Value variable(const std::string& name) {
    const auto* found = scope_.find(name);
    if (!found) fail("unknown context value " + name);
    budget_.spend(found->is_structured() ? static_cast<int64_t>(found->size()) : 0);
    return *found;
  }

  Value unary(const Expression& node) {
    const auto operand = value(*node.operands[0]);
    if (node.name == "!") return !truthy(operand);
    if (!operand.is_number()) fail(base::cat("unary ", node.name, " expects number"));
    return node.name == "+" ? operand : arithmetic("-", 0, operand);
  }

  Value binary(const Expression& node) {
    const auto& sign = node.name;
    const auto left = value(*node.operands[0]);
    if (sign == "||") return truthy(left) || truthy(value(*node.operands[1]));
    if (sign == "&&") return truthy(left) && truthy(value(*node.operands[1]));
    const auto right = value(*node.operands[1]);
    if (sign == "==") return left == right;
    if (sign == "!=") return left != right;
    if (sign == "in") return contains(left, right);
    if (sign == "+") return add(left, right);
    if (sign == "-" || sign == "*" || sign == "/" || sign == "**")
      return arithmetic(sign, left, right);
    return compare(sign, left, right);
  }

  Value property(const Expression& node) {
    const auto target = value(*node.operands[0]);
    if (!target.is_object()) fail("infix: . expects objects");
    if (!target.contains(node.name))
      fail(base::cat("object has no property ", Value(node.name).dump()));
    return target[node.name];
  }

  static Value index(const Value& target, const Value& at) {
    if (target.is_object()) {
      if (!at.is_string()) fail("object keys must be strings");
      const auto found = target.find(at.get<std::string>());
      return found == target.end() ? Value() : *found;
    }
    if (!target.is_array() && !target.is_string())
      fail("infix: \"[..]\" expects object, array, or string");
    if (!at.is_number_integer()) fail("should only use integers to access arrays or strings");
    const auto letters = target.is_string() ? characters(target) : std::vector<std::string>();
    const auto size = static_cast<int64_t>(target.is_string() ? letters.size() : target.size());
    const auto wanted = at.get<int64_t>();
    const auto place = wanted < 0 ? wanted + size : wanted;
    if (place < 0 || place >= size) fail("index out of bounds");
    return target.is_string() ? Value(letters[static_cast<size_t>(place)])
                              : target[static_cast<size_t>(place)];
  }

  Value slice(const Expression& node) {
    const auto target = value(*node.operands[0]);
    if (!target.is_array() && !target.is_string())
      fail("infix: \"[..]\" expects object, array, or string");
    const auto bound = [&](size_t which, int64_t otherwise) {
      if (!node.operands[which]) return otherwise;
      const auto given = value(*node.operands[which]);
      if (!given.is_number_integer()) fail("cannot perform interval access with non-integers");
      return given.get<int64_t>();
    };
    const auto letters = target.is_string() ? characters(target) : std::vector<std::string>();
    const auto size = target.is_string() ? letters.size() : target.size();
    const auto from = bound(1, 0);
    const auto [begin, end] = bounds(from, bound(2, static_cast<int64_t>(size)), size);
    if (target.is_array()) {
      auto result = Value::array();
      for (auto i = begin; i < end; ++i) result.push_back(target[i]);
      return result;
    }
    std::string text;
    for (auto i = begin; i < end; ++i) text += letters[i];
    return text;
  }

  std::vector<Value> list(const Expression& node, size_t from) {
    std::vector<Value> result;
    for (auto i = from; i < node.operands.size(); ++i) result.push_back(value(*node.operands[i]));
    return result;
  }

  Value call(const Expression& node) {
    const auto function = value(*node.operands[0]);
    if (!is_function(function))
      fail(base::cat(function.is_string() ? function.get<std::string>() : function.dump(),
                     " is not callable"));
    return call_builtin(function, list(node, 1), scope_, budget_);
  }

  Value object(const Expression& node) {
    auto result = Value::object();
    for (size_t i = 0; i < node.keys.size(); ++i) result[node.keys[i]] = value(*node.operands[i]);
    return result;
  }

  const Scope& scope_;
  Budget& budget_;
};

}  // namespace

const Value* Scope::find(const std::string& name) const {
  for (const auto* scope = this; scope; scope = scope->outer)
    if (const auto found = scope->variables->find(name); found != scope->variables->end())
      return &*found;
  return nullptr;
}

void Budget::spend(int64_t count) {
  steps -= count;
  if (steps < 0) throw Error("TemplateError", "", "rendering takes too many steps");
}

Value evaluate(const Expression& expression, const Scope& scope, Budget& budget) {
  return Evaluator(scope, budget).value(expression);
}

}  // namespace lotse::tmpl::jsone
