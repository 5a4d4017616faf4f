#include "document/raw_scanner.h"

#include <array>
#include <cstring>
#include <string>

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

}  // namespace

void Scanner::refuse() const {
  broken(at_);
}

std::string_view Scanner::string() {
  need('"');
  const size_t begin = at_;
  at_ = end_of_string(begin) + 1;
  return text_.substr(begin, at_ - begin - 1);
}

std::string_view Scanner::value() {
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

/// Where the quote stands that ends the string whose text begins at `begin`.
size_t Scanner::end_of_string(size_t begin) const {
  for (size_t at = begin;; ++at) {
    at = text_.find('"', at);
    if (at == std::string_view::npos) broken(text_.size());
    size_t slashes = 0;
    while (at - slashes > begin && text_[at - slashes - 1] == '\\') ++slashes;
    if (slashes % 2 == 0) return at;
  }
}

void Scanner::skip_container() {
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

void Scanner::skip_word() {
  const size_t begin = at_;
  while (at_ < text_.size() && std::strchr(",:{}[]\" \n\r\t", text_[at_]) == nullptr) ++at_;
  if (at_ == begin) broken(at_);
}

}  // namespace lotse::document
