#include "checkpoint/script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/script_operators.h"
#include "checkpoint/script_tokens.h"

namespace lotse::checkpoint {

namespace {

using Kind = Token::Kind;

constexpr std::size_t most_findings = 100;
constexpr int deepest = 256;
constexpr std::int64_t largest_number = 100'000'000;
constexpr std::int64_t largest_product = std::int64_t{1} << 28;
constexpr std::uint64_t most_operators = 100'000;

/// Thrown and caught in this file: the rest of a line is given up.
struct Stop {
  std::string what;
  std::string why;
};

[[noreturn]] void stop(std::string_view what, const std::string& why) {
  throw Stop{std::string(what), why};
}

/// What an expression is, as far as it matters.
struct Value {
  std::string module;                  ///< the class if it is a submodule
  std::optional<std::int64_t> number;  ///< of a literal
};

using Call = std::pair<std::string, std::string>;  ///< class and method

struct Method {
  const ScriptMember* member = nullptr;
  int line = 0;
  std::uint64_t operators = 0;
  std::vector<Call> calls;
};

/// A method whose body has not been read yet.
struct Body {
  const ScriptMember* member = nullptr;
  std::string of;  ///< the class
  std::string name;
  std::vector<ScriptLine> lines;  ///< the first is the `def`
};

/// The tokens of one line, one after the other.
class Cursor {
 public:
  explicit Cursor(const ScriptLine& line) : tokens_(line.tokens) {}

  bool ended() const { return at_ == tokens_.size(); }
  bool is(std::string_view sign, std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() && tokens_[at_ + ahead].kind == Kind::sign &&
           tokens_[at_ + ahead].text == sign;
  }
  bool is_kind(Kind kind) const { return !ended() && tokens_[at_].kind == kind; }
  std::string_view text() const { return ended() ? std::string_view() : tokens_[at_].text; }
  bool take(std::string_view sign) {
    if (!is(sign)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view sign) {
    if (!take(sign)) unexpected();
  }
  std::string_view take_kind(Kind kind) {
    if (!is_kind(kind)) unexpected();
    return tokens_[at_++].text;
  }
  std::string name() {
    const auto word = take_kind(Kind::name);
    if (is_keyword(word)) stop(word, "is not a statement or an expression of a detector");
    return std::string(word);
  }
  void end() const {
    if (!ended()) unexpected();
  }
  [[noreturn]] void unexpected() const {
    stop(ended() ? "the end of the line" : text(), "is not expected here");
  }
  std::size_t place() const { return at_; }
  void go_to(std::size_t place) { at_ = place; }

 private:
  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
};

/// A type as torch.jit.save prints it, without spaces.
std::string read_type(Cursor& in, int depth = 0) {
  if (depth > deepest) stop("a type", "is nested too deeply");
  std::string name = in.name();
  while (in.take(".")) name += "." + in.name();
  const bool plain = name == "Tensor" || name == "bool" || name == "int" || name == "float" ||
                     name == "number" || name == "NoneType" || name == "Device";
  const bool generic = name == "List" || name == "Optional" || name == "Tuple";
  const bool custom = name.starts_with("__torch__.torch.classes.");
  if (custom || !(plain || generic || name.starts_with("__torch__.")))
    stop(name, custom ? "is a custom class" : "is not a type of a detector");
  if (!generic) return name;
  in.expect("[");
  name += "[" + read_type(in, depth + 1);
  while (in.take(",")) name += "," + read_type(in, depth + 1);
  in.expect("]");
  if (name.find("__torch__.") != std::string::npos) stop(name + "]", "is not a type of a detector");
  return name + "]";
}

bool is_class(const std::string& type) {
  return type.starts_with("__torch__.");
}

class Reading {
 public:
  Script run(const std::vector<ScriptMember>& members) {
    for (const auto& member : members) declare(member);
    for (const auto& body : bodies_) read_body(body);
    count();
    return std::move(script_);
  }

 private:
  void found(const ScriptMember& member, int line, const Stop& what) {
    if (script_.findings.size() < most_findings)
      script_.findings.push_back({member.name, what.what, base::cat("line ", line), what.why});
  }

  /// Does `what` for one line; a finding in it ends the line, not the reading.
  template <class What>
  void in_line(const ScriptMember& member, const ScriptLine& line, What what) {
    try {
      what();
    } catch (const Stop& stopped) {
      found(member, line.number, stopped);
    }
  }

  // Declarations: classes, attributes, where the methods are.

  void declare(const ScriptMember& member) {
    std::vector<ScriptLine> lines;
    try {
      lines = read_tokens(member.text);
    } catch (const base::Error& error) {
      const std::string message = error.what();
      const auto colon = message.find(": ");
      script_.findings.push_back(
          {member.name, "the source", message.substr(0, colon),
           "is not what torch.jit.save writes: " + message.substr(colon + 2)});
      return;
    }
    std::string current;
    bool in_method = false;
    for (const auto& line : lines) {
      in_line(member, line, [&] {
        if (line.indent == 0) {
          in_method = false;
          current = declare_class(member, line);
        } else if (line.indent == 2 && !current.empty()) {
          in_method = line.tokens[0].text == "def";
          if (in_method)
            declare_method(member, current, line);
          else
            declare_attribute(current, line);
        } else if (line.indent == 4 && in_method) {
          bodies_.back().lines.push_back(line);
        } else {
          stop(line.tokens[0].text, "is indented as nothing of a detector is");
        }
      });
    }
  }

  std::string declare_class(const ScriptMember& member, const ScriptLine& line) {
    Cursor in(line);
    if (in.text() != "class") stop(in.text(), "is not a class of a module");
    in.take_kind(Kind::name);
    std::string name = member.module + "." + in.name();
    in.expect("(");
    const auto base = in.name();
    if (base != "Module") stop("class " + name, "is not a module but a " + base);
    in.expect(")");
    in.expect(":");
    in.end();
    if (!script_.classes.emplace(name, Script::Attributes()).second)
      stop("class " + name, "is there twice");
    return name;
  }

  /// __parameters__ = ["a", ], __annotations__["0"] = TYPE, a : TYPE
  void declare_attribute(const std::string& of, const ScriptLine& line) {
    Cursor in(line);
    std::string name = in.name();
    if (name == "__parameters__" || name == "__buffers__") {
      in.expect("=");
      in.expect("[");
      while (!in.take("]")) {
        in.take_kind(Kind::text);
        if (!in.take(",") && !in.is("]")) in.unexpected();
      }
      return in.end();
    }
    if (name == "__annotations__") {
      in.expect("[");
      name = in.take_kind(Kind::text);
      in.expect("]");
      in.expect("=");
    } else {
      if (name.starts_with("__")) stop(name, "is not an attribute of a detector");
      in.expect(":");
    }
    const auto type = read_type(in);
    in.end();
    if (!script_.classes[of].emplace(name, type).second) stop(name, "is declared twice");
  }

  void declare_method(const ScriptMember& member, const std::string& of, const ScriptLine& line) {
    Cursor in(line);
    in.take_kind(Kind::name);
    const auto name = in.name();
    bodies_.push_back({&member, of, name, {line}});
    if (!methods_.emplace(Call(of, name), Method{&member, line.number, 0, {}}).second)
      stop(name, "is defined twice");
    if (name.starts_with("__")) stop(name, "is run by itself when the file is loaded or used");
  }

  // Bodies.

  void read_body(const Body& body) {
    method_ = &methods_.at({body.of, body.name});
    names_.clear();
    bool returned = false;
    for (const auto& line : body.lines) {
      if (&line == &body.lines.front()) {
        in_line(*body.member, line, [&] { signature(body.of, line); });
        continue;
      }
      in_line(*body.member, line, [&] {
        if (returned) stop(line.tokens[0].text, "follows the end of its method");
        returned = line.tokens[0].text == "return";
        statement(line);
      });
    }
    if (!returned) found(*body.member, method_->line, {body.name, "does not end with 'return'"});
  }

  /// def NAME(self: TYPE, a: TYPE) -> TYPE:
  void signature(const std::string& of, const ScriptLine& line) {
    Cursor in(line);
    in.take_kind(Kind::name);
    in.name();
    in.expect("(");
    if (in.name() != "self") stop("a method", "has no 'self'");
    in.expect(":");
    if (read_type(in) != of) stop("self", "is not of the method's own class");
    names_["self"] = {of, {}};
    while (in.take(",")) {
      const auto name = in.name();
      in.expect(":");
      bind(name, Value{module_of(read_type(in)), {}});
    }
    in.expect(")");
    in.expect("->");
    module_of(read_type(in));
    in.expect(":");
    in.end();
  }

  /// The class that a type names, "" for data.
  std::string module_of(const std::string& type) const {
    if (is_class(type) && !script_.classes.contains(type))
      stop(type, "is not a class of this file");
    return is_class(type) ? type : "";
  }

  void bind(const std::string& name, const Value& value) {
    static constexpr std::array reserved = {"self",     "torch",          "ops",   "CONSTANTS",
                                            "annotate", "unchecked_cast", "int",   "float",
                                            "bool",     "getattr",        "print", "__torch__"};
    if (std::find(reserved.begin(), reserved.end(), name) != reserved.end() || is_keyword(name))
      stop(name, "cannot be the name of a value");
    names_[name] = value;
  }

  /// NAME, NAME = expression; return expression; an operator for its effect on its argument.
  void statement(const ScriptLine& line) {
    Cursor in(line);
    if (in.text() == "return" && in.is_kind(Kind::name)) {
      in.take_kind(Kind::name);
      expressions(in);
      return in.end();
    }
    const auto targets = read_targets(in);
    // Bound even where the expression is a finding, so that later lines are read for their own.
    for (const auto& target : targets) bind(target, {});
    const auto value = targets.empty() ? expression(in) : expressions(in);
    in.end();
    if (targets.size() == 1) bind(targets[0], value);
  }

  /// None if the line is no assignment.
  std::vector<std::string> read_targets(Cursor& in) const {
    const auto begin = in.place();
    std::vector<std::string> targets;
    while (in.is_kind(Kind::name)) {
      targets.push_back(in.name());
      if (in.take("=")) return targets;
      if (targets.size() == 1 && in.take(":")) {
        read_type(in);
        in.expect("=");
        return targets;
      }
      if (!in.take(",")) break;
      if (in.take("=")) return targets;
    }
    in.go_to(begin);
    return {};
  }

  /// One, or several that make a tuple.
  Value expressions(Cursor& in) {
    Value value = expression(in);
    if (!in.is(",")) return value;
    while (in.take(",")) {
      if (!in.ended()) expression(in);
    }
    return {};
  }

  Value expression(Cursor& in) {
    const DepthGuard guard(depth_);
    if (depth_ > deepest) stop("an expression", "is nested too deeply");
    Value value = primary(in);
    while (true) {
      if (in.is(".")) {
        value = attribute(in, value);
      } else if (in.take("[")) {
        if (!value.module.empty()) stop("[", "is not how a submodule is reached");
        expression(in);
        in.expect("]");
        value = {};
      } else {
        return value;
      }
    }
  }

  Value primary(Cursor& in) {
    if (in.is_kind(Kind::text)) stop("\"" + std::string(in.text()) + "\"", "is a text constant");
    if (in.is_kind(Kind::number)) return {"", number(in.take_kind(Kind::number))};
    if (in.take("-")) {
      const auto value = number(in.take_kind(Kind::number));
      return {"", value ? std::optional(-*value) : std::nullopt};
    }
    if (in.take("[")) return list(in);
    if (in.take("(")) {
      auto value = in.is(")") ? Value{} : expressions(in);
      in.expect(")");
      return value;
    }
    const auto word = in.text();
    if (in.is_kind(Kind::name) && (word == "None" || word == "True" || word == "False")) {
      in.take_kind(Kind::name);
      return {};
    }
    return named(in);
  }

  static std::optional<std::int64_t> number(std::string_view text) {
    if (text.find_first_of(".e") != std::string_view::npos) return {};
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // The end of a slice that has none is printed as the largest number.
    const bool open_end = value == INT64_MAX;
    if (error != std::errc() || (value > largest_number && !open_end))
      stop(text, "is larger than any number of a detector");
    return value;
  }

  Value list(Cursor& in) {
    std::int64_t product = 1;
    while (!in.take("]")) {
      const auto value = expression(in);
      const std::int64_t factor = std::max<std::int64_t>(value.number.value_or(1), 1);
      if (__builtin_mul_overflow(product, factor, &product) || product > largest_product)
        stop(base::cat("[.., ", factor, ", ..]"), "is larger than any size of a detector");
      if (!in.take(",") && !in.is("]")) in.unexpected();
    }
    return {};
  }

  /// What begins with a name: a value, a constant, an operator.
  Value named(Cursor& in) {
    const auto name = in.name();
    if (name == "CONSTANTS") {
      in.expect(".");
      in.name();
      return {};
    }
    if (name == "torch" || name == "ops") return call_operator(in, name);
    if (in.is("(")) return call_builtin(in, name);
    const auto known = names_.find(name);
    if (known == names_.end()) stop(dotted(in, name), "is not known here");
    return known->second;
  }

  /// NAME.NAME.NAME, for messages and operators.
  static std::string dotted(Cursor& in, std::string name) {
    while (in.take(".")) name += "." + in.name();
    return name;
  }

  Value call_operator(Cursor& in, const std::string& first) {
    const auto name = dotted(in, first);
    if (name == "torch.device") {
      in.expect("(");
      const auto device = in.take_kind(Kind::text);
      if (!is_known_device(device))
        stop(name + "(\"" + std::string(device) + "\")", "is no device");
      in.expect(")");
      return {};
    }
    if (!is_known_operator(name) || !in.is("(")) stop(name, "is not an operator of a detector");
    ++method_->operators;
    arguments(in, true);
    return {};
  }

  Value call_builtin(Cursor& in, const std::string& name) {
    if (name == "int" || name == "float" || name == "bool") {
      arguments(in, false);
      return {};
    }
    in.expect("(");
    if (name == "annotate" || name == "unchecked_cast") {
      module_of(read_type(in));
      in.expect(",");
      auto value = expression(in);
      in.expect(")");
      return value;
    }
    if (name != "getattr") stop(name, "is not a function of a detector");
    const auto object = expression(in);
    in.expect(",");
    const auto member = std::string(in.take_kind(Kind::text));
    in.expect(")");
    return member_of(object, member);
  }

  /// Texts are let through as those keywords that the exporter gives them to.
  void arguments(Cursor& in, bool to_operator) {
    in.expect("(");
    while (!in.take(")")) {
      std::string keyword;
      if (in.is_kind(Kind::name) && in.is("=", 1)) {
        keyword = in.name();
        in.expect("=");
      }
      if (to_operator && in.is_kind(Kind::text) && is_known_text(keyword, in.text())) {
        in.take_kind(Kind::text);
      } else {
        expression(in);
      }
      if (!in.take(",") && !in.is(")")) in.unexpected();
    }
  }

  /// OBJECT.NAME of a submodule; OBJECT.METHOD(arguments).
  Value attribute(Cursor& in, const Value& object) {
    in.expect(".");
    const auto name = in.name();
    if (!in.is("(")) return member_of(object, name);
    if (object.module.empty()) stop("." + name, "is called on something that is not a submodule");
    const Call call(object.module, name);
    if (!methods_.contains(call)) stop(object.module + "." + name, "is not there");
    method_->calls.push_back(call);
    ++method_->operators;
    arguments(in, false);
    return {};
  }

  Value member_of(const Value& object, const std::string& name) const {
    if (object.module.empty()) stop("." + name, "is read from something that is not a submodule");
    const auto& attributes = script_.classes.at(object.module);
    const auto found = attributes.find(name);
    if (found == attributes.end()) stop(object.module + "." + name, "is not there");
    return {module_of(found->second), {}};
  }

  // How much a call comes to.

  void count() {
    for (const auto& [call, method] : methods_) {
      try {
        if (cost(call) > most_operators)
          found(*method.member, method.line,
                {call.second, base::cat("comes to more than ", most_operators, " operators")});
      } catch (const Stop& stopped) {
        found(*method.member, method.line, stopped);
        open_.clear();
      }
    }
  }

  std::uint64_t cost(const Call& call) {
    if (const auto known = costs_.find(call); known != costs_.end()) return known->second;
    if (!open_.insert(call).second) stop(call.second, "calls itself");
    if (open_.size() > deepest) stop(call.second, "calls too deeply");
    const auto& method = methods_.at(call);
    std::uint64_t total = method.operators;
    for (const auto& inner : method.calls)
      total = std::min(total + cost(inner), 2 * most_operators);
    open_.erase(call);
    return costs_[call] = total;
  }

  struct DepthGuard {
    explicit DepthGuard(int& of) : depth(of) { ++depth; }
    ~DepthGuard() { --depth; }
    int& depth;
  };

  Script script_;
  std::vector<Body> bodies_;
  std::map<Call, Method> methods_;
  Method* method_ = nullptr;
  std::map<std::string, Value> names_;  ///< what the method has bound
  int depth_ = 0;
  std::map<Call, std::uint64_t> costs_;
  std::set<Call> open_;
};

}  // namespace

Script read_script(const std::vector<ScriptMember>& members) {
  return Reading().run(members);
}

}  // namespace lotse::checkpoint
