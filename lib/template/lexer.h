#pragma once
#include <string>
#include <string_view>

namespace lotse::tmpl::jsone {

struct Token {
  std::string kind;  ///< the sign itself, "number", "string", "identifier", a keyword, or "end"
  std::string text;  ///< as written
  size_t begin = 0;
  size_t end = 0;
};

/// Reads the tokens of a JSON-e expression one at a time, so that a mistake is reported before
/// whatever follows it is looked at.
class Lexer {
 public:
  Lexer(std::string_view source, size_t from) : source_(source), at_(from) {}
  Token next();  ///< throws jsone::Error (SyntaxError)

 private:
  std::string_view source_;
  size_t at_;
};

}  // namespace lotse::tmpl::jsone
