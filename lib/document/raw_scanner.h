#pragma once
#include <cstddef>
#include <string_view>

namespace lotse::document {

/// Walks over JSON text, one value after another, looking at its structure alone. Throws
/// Error(failed) where that is broken.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  char peek();  ///< the next character that is not white space
  bool take(char wanted);
  void need(char wanted);
  /// Throws Error(failed): what comes next cannot stand here.
  [[noreturn]] void refuse() const;
  std::string_view string();  ///< what stands between the quotes, with escapes as they are written
  std::string_view value();   ///< a whole value, as it is written

 private:
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
