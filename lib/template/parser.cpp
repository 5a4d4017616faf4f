#include "template/parser.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/strings.h"
#include "template/jsone.h"
#include "template/lexer.h"

namespace lotse::tmpl::jsone {

using nlohmann::json;

namespace {

constexpr auto expected_value = "!, (, +, -, [, false, identifier, null, number, string, true, {";
constexpr auto expected_operator = "!=, &&, (, *, **, +, -, ., /, <, <=, ==, >, >=, [, in, ||";
constexpr int max_nesting = 200;

/// The binary operators, weakest first. "**" is not among them because it binds to the right.
int strength(const std::string& sign) {
  if (sign == "||") return 1;
  if (sign == "&&") return 2;
  if (sign == "in") return 3;
  if (sign == "==" || sign == "!=") return 4;
  if (sign == "<" || sign == ">" || sign == "<=" || sign == ">=") return 5;
  if (sign == "+" || sign == "-") return 6;
  if (sign == "*" || sign == "/") return 7;
  if (sign == "**") return 8;
  return 0;
}

class Parser {
 public:
  Parser(std::string_view source, size_t from) : source_(source), lexer_(source, from) {
    advance();
  }

  ExpressionPointer expression() { return binary(1); }
  const Token& token() const { return token_; }

  [[noreturn]] void unexpected(const std::string& expected) const {
    if (token_.kind == "end") throw Error("SyntaxError", "", "Unexpected end of input");
    throw Error("SyntaxError", "",
                base::cat("Found: ", token_.text, " token, expected one of: ", expected));
  }

 private:
  void advance() { token_ = lexer_.next(); }
  bool take(const char* kind) {
    if (token_.kind != kind) return false;
    advance();
    return true;
  }
  void need(const char* kind, const std::string& expected) {
    if (!take(kind)) unexpected(expected);
  }
  static ExpressionPointer make(Expression::Kind kind, std::string name = "") {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->name = std::move(name);
    return node;
  }

  struct Nesting {
    explicit Nesting(int& depth) : depth_(depth) {
      if (++depth_ > max_nesting)
        throw Error("SyntaxError", "", "the expression is nested too deeply");
    }
    ~Nesting() { --depth_; }
    int& depth_;
  };

  ExpressionPointer binary(int least) {
    const Nesting nesting(depth_);
    auto left = postfix();
    for (int binds = strength(token_.kind); binds >= least && binds > 0;
         binds = strength(token_.kind)) {
      auto node = make(Expression::binary, token_.kind);
      advance();
      node->operands.push_back(std::move(left));
      node->operands.push_back(binary(node->name == "**" ? binds : binds + 1));
      left = std::move(node);
    }
    return left;
  }

  ExpressionPointer postfix() {
    if (token_.kind == "!" || token_.kind == "+" || token_.kind == "-") {
      const Nesting nesting(depth_);
      auto node = make(Expression::unary, token_.kind);
      advance();
      node->operands.push_back(postfix());
      return node;
    }
    auto node = primary();
    for (;;) {
      if (take(".")) {
        auto access = make(Expression::property, token_.text);
        access->operands.push_back(std::move(node));
        need("identifier", "identifier");
        node = std::move(access);
      } else if (take("[")) {
        node = subscript(std::move(node));
      } else if (take("(")) {
        auto called = make(Expression::call);
        called->operands.push_back(std::move(node));
        items(*called, ")");
        node = std::move(called);
      } else {
        return node;
      }
    }
  }

  ExpressionPointer subscript(ExpressionPointer target) {
    auto node = make(Expression::index);
    node->operands.push_back(std::move(target));
    if (token_.kind != ":") node->operands.push_back(expression());
    if (take(":")) {
      node->kind = Expression::slice;
      if (node->operands.size() == 1) node->operands.push_back(nullptr);
      node->operands.push_back(token_.kind == "]" ? nullptr : expression());
    }
    need("]", expected_operator);
    return node;
  }

  void items(Expression& into, const char* close) {
    if (take(close)) return;
    do {
      into.operands.push_back(expression());
    } while (take(","));
    need(close, expected_operator);
  }

  ExpressionPointer primary() {
    const Nesting nesting(depth_);
    const auto token = token_;
    if (token.kind == "identifier") {
      advance();
      return make(Expression::variable, token.text);
    }
    if (token.kind == "(") {
      advance();
      auto node = expression();
      need(")", expected_operator);
      return node;
    }
    if (token.kind == "[") {
      advance();
      auto node = make(Expression::list);
      items(*node, "]");
      return node;
    }
    if (token.kind == "{") {
      advance();
      return object();
    }
    auto node = make(Expression::literal);
    if (token.kind == "number") {
      node->value = number(token.text);
    } else if (token.kind == "string") {
      node->value = token.text.substr(1, token.text.size() - 2);
    } else if (token.kind == "true" || token.kind == "false") {
      node->value = token.kind == "true";
    } else if (token.kind != "null") {
      unexpected(expected_value);
    }
    advance();
    return node;
  }

  static json number(const std::string& text) {
    if (const auto integer = base::to_integer(text)) return *integer;
    if (const auto number = base::to_number(text)) return *number;
    throw Error("SyntaxError", "", "the number is too large: " + text);
  }

  std::string object_key() {
    const auto key = token_;
    if (key.kind != "string" && key.kind != "identifier") unexpected("identifier, string");
    advance();
    return key.kind == "string" ? key.text.substr(1, key.text.size() - 2) : key.text;
  }

  ExpressionPointer object() {
    auto node = make(Expression::object);
    if (take("}")) return node;
    do {
      const auto key = object_key();
      need(":", ":");
      auto value = expression();
      // Of a key that is there twice the last value counts; the others are not even worked out.
      const auto same = std::find(node->keys.begin(), node->keys.end(), key);
      if (same != node->keys.end()) {
        node->operands[static_cast<size_t>(same - node->keys.begin())] = std::move(value);
      } else {
        node->keys.push_back(key);
        node->operands.push_back(std::move(value));
      }
    } while (take(","));
    need("}", expected_operator);
    return node;
  }

  std::string_view source_;
  Lexer lexer_;
  Token token_;
  int depth_ = 0;

 public:
  static constexpr auto operators = expected_operator;
};

}  // namespace

ExpressionPointer parse_expression(std::string_view source) {
  Parser parser(source, 0);
  auto node = parser.expression();
  if (parser.token().kind != "end") parser.unexpected(Parser::operators);
  return node;
}

ExpressionPointer parse_interpolation(std::string_view source, size_t from, size_t& end) {
  Parser parser(source, from);
  auto node = parser.expression();
  if (parser.token().kind == "end") throw Error("SyntaxError", "", "unterminated ${..} expression");
  if (parser.token().kind != "}") parser.unexpected(Parser::operators);
  end = parser.token().begin;
  return node;
}

}  // namespace lotse::tmpl::jsone
