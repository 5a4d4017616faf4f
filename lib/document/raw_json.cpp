#include "document/raw_json.h"

#include <array>
#include <cstring>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::document {

namespace {

[[noreturn]] void broken(size_t at) {
  throw base::Error(base::ErrorKind::failed, base::cat("is not JSON (byte ", at, ")"));
}

constexpr auto structure = [] {
  std::array<bool, 256> table = {};
  for (const char c : {'"', '{', '}', '[', ']'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_structure(char c) {
  return structure[static_cast<unsigned char>(c)];
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Walks over a text, one value after another.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  char peek() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ == text_.size()) broken(at_);
    return text_[at_];
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  size_t at() const { return at_; }
  void need(char wanted) {
    if (!take(wanted)) broken(at_);
  }

  std::string_view string() {
    need('"');
    const size_t begin = at_;
    at_ = end_of_string(begin) + 1;
    return text_.substr(begin, at_ - begin - 1);
  }

  std::string_view value() {
    const char first = peek();
    const size_t begin = at_;
    if (first == '"')
      at_ = end_of_string(begin + 1) + 1;
    else if (first == '{' || first == '[')
      skip_container();
    else
      skip_word();
    return text_.substr(begin, at_ - begin);
  }

 private:
  /// Where the quote stands that ends the string whose text begins at `begin`.
  size_t end_of_string(size_t begin) const {
    for (size_t at = begin;; ++at) {
      at = text_.find('"', at);
      if (at == std::string_view::npos) broken(text_.size());
      size_t slashes = 0;
      while (at - slashes > begin && text_[at - slashes - 1] == '\\') ++slashes;
      if (slashes % 2 == 0) return at;
    }
  }

  void skip_container() {
    std::string open;
    do {
      while (at_ < text_.size() && !is_structure(text_[at_])) ++at_;
      if (at_ == text_.size()) broken(at_);
      const char c = text_[at_];
      if (c == '"') {
        at_ = end_of_string(at_ + 1) + 1;
        continue;
      }
      if (c == '{' || c == '[') {
        open += c;
      } else {
        if (open.empty() || open.back() != (c == '}' ? '{' : '[')) broken(at_);
        open.pop_back();
      }
      ++at_;
    } while (!open.empty());
  }

  void skip_word() {
    const size_t begin = at_;
    while (at_ < text_.size() && std::strchr(",:{}[]\" \n\r\t", text_[at_]) == nullptr) ++at_;
    if (at_ == begin) broken(at_);
  }

  std::string_view text_;
  size_t at_ = 0;
};

void new_line(std::string& out, size_t depth) {
  out += '\n';
  out.append(2 * depth, ' ');
}

/// Members or elements between commas, from behind the opening bracket to the closing one.
template <class Each>
void between(Scanner& scanner, char closing, Each each) {
  if (scanner.take(closing)) return;
  do {
    each();
  } while (scanner.take(','));
  scanner.need(closing);
}

}  // namespace

std::vector<RawMember> raw_members(std::string_view object) {
  Scanner scanner(object);
  std::vector<RawMember> members;
  scanner.need('{');
  between(scanner, '}', [&] {
    RawMember member;
    member.key = scanner.string();
    scanner.need(':');
    member.value = scanner.value();
    members.push_back(member);
  });
  return members;
}

std::vector<std::string_view> raw_elements(std::string_view array) {
  Scanner scanner(array);
  std::vector<std::string_view> elements;
  scanner.need('[');
  between(scanner, ']', [&] { elements.push_back(scanner.value()); });
  return elements;
}

std::string_view raw_member(std::string_view object, std::string_view key) {
  for (const auto& member : raw_members(object))
    if (member.key == key) return member.value;
  return {};
}

std::string without_member(std::string_view object, std::string_view key) {
  std::string out = "{";
  for (const auto& member : raw_members(object)) {
    if (member.key == key) continue;
    if (out.size() > 1) out += ',';
    out.append(1, '"').append(member.key).append("\":").append(member.value);
  }
  return out + "}";
}

void append_indented(std::string& out, std::string_view value, size_t depth) {
  Scanner scanner(value);
  std::string open;
  do {
    const char c = scanner.peek();
    if (c == '{' || c == '[') {
      const char closing = c == '{' ? '}' : ']';
      scanner.need(c);
      out += c;
      if (scanner.take(closing)) {
        out += closing;
      } else {
        open += closing;
        new_line(out, depth + open.size());
      }
    } else if (c == '}' || c == ']') {
      if (open.empty() || open.back() != c) broken(scanner.at());
      scanner.need(c);
      open.pop_back();
      new_line(out, depth + open.size());
      out += c;
    } else if (c == ',' || c == ':') {
      if (open.empty()) broken(scanner.at());
      scanner.need(c);
      out += c;
      c == ':' ? void(out += ' ') : new_line(out, depth + open.size());
    } else {
      out += scanner.value();
    }
  } while (!open.empty());
}

}  // namespace lotse::document
