#include <charconv>

#include "base/error.h"
#include "base/strings.h"
#include "document/jsonpath_nodes.h"

namespace lotse::document::jsonpath {

namespace {

using Node = JsonPath::Node;

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  std::vector<Node> whole() {
    auto nodes = until_end(false);
    return nodes;
  }

 private:
  [[noreturn]] void refuse(const std::string& message, const std::string& hint = "") const {
    throw base::Error({{base::cat("jsonpath:", at_ + 1), message, hint}});
  }
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool take(std::string_view word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  void need(std::string_view word) {
    if (!take(word)) refuse(base::cat("'", word, "' is missing here"));
  }
  void blanks() {
    while (peek() == ' ') ++at_;
  }

  std::vector<Node> until_end(bool in_range) {
    std::vector<Node> nodes;
    while (!done()) {
      if (peek() != '{') {
        const auto begin = at_;
        at_ = std::min(text_.find('{', at_), text_.size());
        nodes.push_back({text_.substr(begin, at_ - begin)});
        continue;
      }
      ++at_;
      blanks();
      if (keyword("end")) {
        if (!in_range) refuse("{end} without {range}");
        return nodes;
      }
      nodes.push_back(braces());
    }
    if (in_range) refuse("{range} without {end}");
    return nodes;
  }

  /// `{word}`, with the closing brace.
  bool keyword(const std::string& word) {
    const auto before = at_;
    if (take(word)) {
      blanks();
      if (take("}")) return true;
    }
    at_ = before;
    return false;
  }

  /// What stands in braces, behind the opening one.
  Node braces() {
    Node node;
    if (take("range ")) {
      blanks();
      node.is_range = true;
      node.path = path();
      close();
      node.body = until_end(true);
      return node;
    }
    if (peek() == '"' || peek() == '\'')
      node.text = quoted();
    else
      node.path = path();
    close();
    return node;
  }

  void close() {
    blanks();
    if (done()) refuse("'}' is missing here");
    if (!take("}")) refuse(base::cat("'", peek(), "' is not understood here"), grammar);
  }

  /// Go's escapes: \n \t \" \\ and so on; a single quote may stand for a double one.
  std::string quoted() {
    const char quote = peek();
    const auto begin = at_++;
    std::string out;
    while (peek() != quote) {
      if (done()) {
        at_ = begin;
        refuse("this text has no end");
      }
      if (peek() == '\\')
        out += escaped();
      else
        out += text_[at_++];
    }
    ++at_;
    return out;
  }

  char escaped() {
    static constexpr std::string_view written = "ntr\\\"'abfv";
    static constexpr std::string_view meant = "\n\t\r\\\"'\a\b\f\v";
    ++at_;
    const auto which = written.find(peek());
    if (done() || which == std::string_view::npos) refuse("this escape is not understood");
    ++at_;
    return meant[which];
  }

  Path path() {
    Path steps;
    if (peek() == '$' || peek() == '@')
      ++at_;
    else if (peek() != '.' && peek() != '[')
      refuse("here a path must begin, e.g. .metadata.name", grammar);
    for (;;) {
      if (take("..")) {
        steps.push_back({Step::Kind::recursive});
        if (peek() != '[') steps.push_back(field());
      } else if (take(".")) {
        if (peek() == '[') continue;
        if (at_end_of_path()) refuse("a name is missing here", "{@} is the whole value");
        steps.push_back(field());
      } else if (take("[")) {
        steps.push_back(bracket());
      } else {
        return steps;
      }
    }
  }

  bool at_end_of_path() const {
    return std::string_view(" }),]=!<>").find(peek()) != std::string_view::npos || done();
  }

  Step field() {
    Step step;
    if (take("*")) {
      step.kind = Step::Kind::every;
      return step;
    }
    while (!at_end_of_path() && std::string_view(".[{$@").find(peek()) == std::string_view::npos) {
      if (peek() == '\\' && at_ + 1 < text_.size()) ++at_;
      step.name += text_[at_++];
    }
    if (step.name.empty()) refuse("a name is missing here");
    return step;
  }

  Step bracket() {
    if (take("?(")) return filter();
    Step step = one_in_bracket();
    blanks();
    if (peek() == ',') {
      Step choice{Step::Kind::choice};
      choice.choices.push_back(step);
      while (take(",")) {
        blanks();
        choice.choices.push_back(one_in_bracket());
        blanks();
      }
      step = choice;
    }
    need("]");
    return step;
  }

  Step one_in_bracket() {
    if (take("*")) return {Step::Kind::every};
    if (peek() == '\'') return key();
    Step step{Step::Kind::slice};
    step.begin = number();
    step.single = peek() != ':';
    if (step.single && !step.begin) refuse("here a number, a 'name', * or ?() must stand", grammar);
    if (take(":")) step.end = number();
    if (take(":")) {
      step.stride = number().value_or(1);
      if (step.stride < 1) refuse("a step must be at least 1");
    }
    return step;
  }

  /// 'NAME', in which a backslash takes the next character as it is.
  Step key() {
    Step step;
    const auto begin = at_++;
    while (peek() != '\'') {
      if (peek() == '\\') ++at_;
      if (done()) {
        at_ = begin;
        refuse("this name has no end");
      }
      step.name += text_[at_++];
    }
    ++at_;
    return step;
  }

  std::optional<int64_t> number() {
    int64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) refuse("this number is too large");
    if (error != std::errc()) return {};
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  Step filter() {
    Step step{Step::Kind::filter};
    step.filter = std::make_shared<Filter>();
    blanks();
    step.filter->left = operand();
    blanks();
    for (const char* sign : {"==", "!=", "<=", ">=", "<", ">"})
      if (take(sign)) {
        step.filter->comparison = sign;
        blanks();
        step.filter->right = operand();
        break;
      }
    blanks();
    if (!take(")")) refuse(base::cat("'", peek(), "' is not understood in a filter"), grammar);
    need("]");
    return step;
  }

  Operand operand() {
    Operand value;
    if (peek() == '\'' || peek() == '"') {
      value.literal = quoted();
    } else if (peek() == '@' || peek() == '$' || peek() == '.') {
      value.path = path();
    } else {
      value.literal = word();
    }
    return value;
  }

  json word() {
    const auto begin = at_;
    while (!done() && std::string_view(" )=!<>").find(peek()) == std::string_view::npos) ++at_;
    const auto text = text_.substr(begin, at_ - begin);
    json value = json::parse(text, nullptr, false);
    if (value.is_boolean() || value.is_number()) return value;
    at_ = begin;
    refuse("here @.path, a 'text', a number, true or false must stand", grammar);
  }

  static constexpr auto grammar =
      "fields, [0], [1:3], [*], ['a'], ..name, [?(@.a==\"b\")], {range}{end} and {\"text\"} are";
  const std::string& text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<Node> parse(const std::string& text) {
  return Parser(text).whole();
}

}  // namespace lotse::document::jsonpath
