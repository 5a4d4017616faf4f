#pragma once
#include <cstddef>
#include <string_view>

namespace lotse::document {

/// Walks over JSON text, one value after another, looking at its structure alone. Throws
/// Error(failed) where that is broken.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// The next character that is not white space.
  char peek() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    if (at_ == text_.size()) refuse();
    return text_[at_];
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  void need(char wanted) {
    if (!take(wanted)) refuse();
  }
  /// Throws Error(failed): what comes next cannot stand here.
  [[noreturn]] void refuse() const;
  std::string_view string();  ///< what stands between the quotes, with escapes as they are written
  std::string_view value();   ///< a whole value, as it is written

 private:
  static constexpr bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  size_t end_of_string(size_t begin) const;
  void skip_container();
  void skip_word();

  std::string_view text_;
  size_t at_ = 0;
};

/// Members or elements between commas, from behind the opening bracket to the closing one.
template <class Each>
void between(Scanner& scanner, char closing, Each each) {
  if (scanner.take(closing)) return;
  do {
    each();
  } while (scanner.take(','));
  scanner.need(closing);
}

}  // namespace lotse::document
