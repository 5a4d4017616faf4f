#include <cmath>
#include <functional>

#include "base/error.h"
#include "base/strings.h"
#include "object/quantity.h"
#include "object/schedule.h"
#include "template/evaluator.h"
#include "template/jsone.h"
#include "template/letters.h"

namespace lotse::tmpl::jsone {

namespace {

using Arguments = std::vector<Value>;

struct Call {
  const Arguments& arguments;
  const Scope& scope;
  Budget& budget;
  const char* name;

  [[noreturn]] void fail(const std::string& more = "") const {
    throw Error("BuiltinError", "",
                base::cat("invalid arguments to builtin: ", name, more.empty() ? "" : ": ", more));
  }
  void count(size_t least, size_t most) const {
    if (arguments.size() < least || arguments.size() > most) fail();
  }
  double number(size_t i) const {
    if (!arguments[i].is_number()) fail();
    return arguments[i].get<double>();
  }
  const std::string& text(size_t i) const {
    if (!arguments[i].is_string()) fail();
    return arguments[i].get_ref<const std::string&>();
  }
  std::string text_or_number(const Value& value) const {
    if (value.is_number()) return number_text(value);
    if (!value.is_string()) fail();
    return value;
  }
};

Value extreme(const Call& call, bool least) {
  if (call.arguments.empty()) call.fail("expected at least 1 arguments");
  auto best = call.arguments[0];
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    call.number(i);
    if (least ? call.arguments[i] < best : call.arguments[i] > best) best = call.arguments[i];
  }
  return best;
}

Value of_number(const Call& call, double (*function)(double)) {
  call.count(1, 1);
  const double result = function(call.number(0));
  if (!std::isfinite(result)) call.fail();
  return to_number(result);
}

Value strip(const Call& call, bool left, bool right) {
  call.count(1, 1);
  return std::string(without_space(call.text(0), left, right));
}

Value split(const Call& call) {
  call.count(2, 2);
  const auto& text = call.text(0);
  const auto separator = call.text_or_number(call.arguments[1]);
  if (separator.empty()) return characters(text);
  auto parts = Value::array();
  size_t from = 0;
  for (auto at = text.find(separator); at != std::string::npos; at = text.find(separator, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + separator.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

Value join(const Call& call) {
  call.count(2, 2);
  if (!call.arguments[0].is_array()) call.fail();
  const auto separator = call.text_or_number(call.arguments[1]);
  std::string result;
  bool first = true;
  for (const auto& item : call.arguments[0]) {
    if (!first) result += separator;
    result += call.text_or_number(item);
    first = false;
    if (result.size() > (16 << 20)) call.fail("the string grows beyond 16 MiB");
  }
  return result;
}

Value range(const Call& call) {
  call.count(2, 3);
  for (const auto& argument : call.arguments)
    if (!argument.is_number_integer()) call.fail();
  const auto end = call.arguments[1].get<int64_t>();
  const auto step = call.arguments.size() == 3 ? call.arguments[2].get<int64_t>() : 1;
  if (step == 0) call.fail();
  auto result = Value::array();
  for (auto i = call.arguments[0].get<int64_t>(); step > 0 ? i < end : i > end;) {
    call.budget.spend(1);
    result.push_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return result;
}

Value to_text(const Call& call) {
  call.count(1, 1);
  const auto& value = call.arguments[0];
  if (value.is_string()) return value;
  if (value.is_number()) return number_text(value);
  if (value.is_structured() || is_function(value)) call.fail();
  return value.dump();
}

Value parse_number(const Call& call) {
  call.count(1, 1);
  const std::string text(without_space(call.text(0), true, true));
  const auto parsed = Value::parse(text.substr(text[0] == '+' ? 1 : 0), nullptr, false);
  if (!parsed.is_number()) call.fail();
  return parsed.is_number_float() ? to_number(parsed.get<double>()) : parsed;
}

Value length(const Call& call) {
  call.count(1, 1);
  const auto& value = call.arguments[0];
  if (value.is_array()) return value.size();
  return characters(call.text(0)).size();
}

Value type_name(const Call& call) {
  call.count(1, 1);
  const auto& value = call.arguments[0];
  if (is_function(value)) return "function";
  return value.type_name();
}

/// In thousandths, to be compared: "500m" is 500. It is no part of the language, which lets whoever
/// renders add functions.
Value quantity(const Call& call) {
  call.count(1, 1);
  const auto parsed = object::Quantity::try_parse(call.text(0));
  if (!parsed) call.fail("'" + call.text(0) + "' is no quantity");
  return parsed->milli_value();
}

/// Where a number changes, and to what (object/schedule.h); the second argument is the number of
/// all times that the text does not name. It is no part of the language either.
Value schedule(const Call& call) {
  call.count(2, 2);
  try {
    auto turns = Value::array();
    for (const auto& turn :
         object::Schedule::parse(call.text(0)).turns(static_cast<int64_t>(call.number(1))))
      turns.push_back({{"cron", turn.cron}, {"count", turn.count}, {"seconds", turn.seconds}});
    return turns;
  } catch (const base::Error& error) {
    call.fail(error.what());
  }
}

Value from_now(const Call& call) {
  call.count(1, 2);
  const auto* now = call.scope.find("now");
  if (call.arguments.size() == 1 && (!now || !now->is_string()))
    call.fail("there is no clock: set `now`");
  return move_time(call.arguments.size() == 2 ? call.text(1) : now->get<std::string>(),
                   call.text(0));
}

struct Builtin {
  const char* name;
  std::function<Value(const Call&)> run;
};

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> table{
      {"min", [](const Call& call) { return extreme(call, true); }},
      {"max", [](const Call& call) { return extreme(call, false); }},
      {"sqrt", [](const Call& call) { return of_number(call, std::sqrt); }},
      {"ceil", [](const Call& call) { return of_number(call, std::ceil); }},
      {"floor", [](const Call& call) { return of_number(call, std::floor); }},
      {"abs", [](const Call& call) { return of_number(call, std::fabs); }},
      {"lowercase",
       [](const Call& call) {
         call.count(1, 1);
         return Value(lower_case(call.text(0)));
       }},
      {"uppercase",
       [](const Call& call) {
         call.count(1, 1);
         return Value(upper_case(call.text(0)));
       }},
      {"str", to_text},
      {"number", parse_number},
      {"len", length},
      {"strip", [](const Call& call) { return strip(call, true, true); }},
      {"lstrip", [](const Call& call) { return strip(call, true, false); }},
      {"rstrip", [](const Call& call) { return strip(call, false, true); }},
      {"split", split},
      {"join", join},
      {"range", range},
      {"typeof", type_name},
      {"fromNow", from_now},
      {"quantity", quantity},
      {"schedule", schedule},
      {"defined",
       [](const Call& call) {
         call.count(1, 1);
         return Value(call.scope.find(call.text(0)) != nullptr);
       }},
  };
  return table;
}

}  // namespace

const Value& builtin_variables() {
  static const Value variables = [] {
    auto result = Value::object();
    for (size_t i = 0; i < builtins().size(); ++i)
      result[builtins()[i].name] = Value::binary({static_cast<uint8_t>(i)});
    return result;
  }();
  return variables;
}

Value call_builtin(const Value& function, const Arguments& arguments, const Scope& scope,
                   Budget& budget) {
  const auto& builtin = builtins().at(function.get_binary().at(0));
  return builtin.run(Call{arguments, scope, budget, builtin.name});
}

}  // namespace lotse::tmpl::jsone
