#include "checkpoint/script_tokens.h"

#include "base/error.h"
#include "base/strings.h"

namespace lotse::checkpoint {

namespace {

constexpr std::size_t longest_text = 256;
constexpr std::size_t longest_line = 100'000;  ///< tokens

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::vector<ScriptLine> run() {
    while (at_ < text_.size()) logical_line();
    return std::move(lines_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw base::Error(base::ErrorKind::invalid, base::cat("line ", number_, ": ", what));
  }
  char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }

  void logical_line() {
    ScriptLine line;
    line.number = number_;
    while (here() == ' ') {
      ++at_;
      ++line.indent;
    }
    int open = 0;
    while (at_ < text_.size()) {
      if (here() == '\n') {
        ++at_;
        ++number_;
        if (open == 0) break;
      } else if (here() == ' ') {
        ++at_;
      } else {
        line.tokens.push_back(token());
        const auto& last = line.tokens.back();
        if (last.kind == Token::Kind::sign && (last.text == "(" || last.text == "[")) ++open;
        if (last.kind == Token::Kind::sign && (last.text == ")" || last.text == "]")) --open;
        if (open < 0) fail("a bracket that was never opened");
        if (line.tokens.size() > longest_line) fail("the line is too long");
      }
    }
    if (open > 0) fail("a bracket is never closed");
    if (!line.tokens.empty()) lines_.push_back(std::move(line));
  }

  template <class Belongs>
  void skip(Belongs belongs) {
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
  }

  Token token() {
    const std::size_t begin = at_;
    const auto until_here = [&](Token::Kind kind) {
      return Token{kind, text_.substr(begin, at_ - begin)};
    };
    const char c = here();
    if (is_letter(c)) {
      skip([](char one) { return is_letter(one) || is_digit(one); });
      return until_here(Token::Kind::name);
    }
    if (is_digit(c)) {
      number();
      return until_here(Token::Kind::number);
    }
    if (c == '"') return text();
    if (std::string_view("()[],:=.-").find(c) == std::string_view::npos) unknown(c);
    ++at_;
    if (c == '-' && here() == '>') ++at_;
    return until_here(Token::Kind::sign);
  }

  void number() {
    skip(is_digit);
    if (here() == '.') {
      ++at_;
      skip(is_digit);
    }
    if (here() == 'e') {
      ++at_;
      if (here() == '-' || here() == '+') ++at_;
      if (!is_digit(here())) fail("a number that is not understood");
      skip(is_digit);
    }
    if (is_letter(here()) || here() == '.') fail("a number that is not understood");
  }

  Token text() {
    const std::size_t begin = ++at_;
    while (here() != '"') {
      const char c = here();
      if (c < ' ' || c > '~' || c == '\\') unknown(c);
      if (++at_ - begin > longest_text) fail("a text of more than 256 characters");
    }
    return {Token::Kind::text, text_.substr(begin, at_++ - begin)};
  }

  [[noreturn]] void unknown(char c) const {
    if (c > ' ' && c <= '~') fail(base::cat("the character '", c, "' is not understood here"));
    fail(base::cat("the byte ", static_cast<int>(static_cast<unsigned char>(c)),
                   " is not understood here"));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int number_ = 1;
  std::vector<ScriptLine> lines_;
};

}  // namespace

std::vector<ScriptLine> read_tokens(std::string_view text) {
  return Tokens(text).run();
}

}  // namespace lotse::checkpoint
