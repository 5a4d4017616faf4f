#include "template/lexer.h"

#include <array>

#include "base/strings.h"
#include "template/jsone.h"

namespace lotse::tmpl::jsone {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr std::array<std::string_view, 23> signs{"**", "&&", "||", "==", "!=", "<=", ">=", "+",
                                                 "-",  "*",  "/",  "!",  "<",  ">",  "(",  ")",
                                                 "[",  "]",  "{",  "}",  ",",  ":",  "."};

size_t number_length(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  if (n + 1 < text.size() && text[n] == '.' && is_digit(text[n + 1])) {
    ++n;
    while (n < text.size() && is_digit(text[n])) ++n;
  }
  return n;
}

size_t name_length(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && (is_name_start(text[n]) || is_digit(text[n]))) ++n;
  return n;
}

std::string_view sign_at(std::string_view text) {
  for (const auto sign : signs)
    if (text.substr(0, sign.size()) == sign) return sign;
  return {};
}

}  // namespace

Token Lexer::next() {
  while (at_ < source_.size() && is_space(source_[at_])) ++at_;
  if (at_ >= source_.size()) return {"end", "", source_.size(), source_.size()};
  const auto rest = source_.substr(at_);
  std::string kind;
  size_t length = 0;
  if (is_digit(rest[0])) {
    kind = "number";
    length = number_length(rest);
  } else if (is_name_start(rest[0])) {
    length = name_length(rest);
    const auto word = rest.substr(0, length);
    const bool keyword = word == "true" || word == "false" || word == "null" || word == "in";
    kind = keyword ? std::string(word) : "identifier";
  } else if (rest[0] == '"' || rest[0] == '\'') {
    const auto close = rest.find(rest[0], 1);
    length = close == std::string_view::npos ? 0 : close + 1;
    kind = "string";
  } else {
    kind = sign_at(rest);
    length = kind.size();
  }
  if (length == 0)
    throw Error("SyntaxError", "",
                base::cat("Unexpected input for '", source_, "' at '", rest, "'"));
  Token token{kind, std::string(rest.substr(0, length)), at_, at_ + length};
  at_ += length;
  return token;
}

}  // namespace lotse::tmpl::jsone
