#include "base/error.h"

namespace lotse::base {

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = diagnostic.where.empty() ? "" : diagnostic.where + ": ";
  text += diagnostic.message;
  if (!diagnostic.hint.empty()) text += "\n  " + diagnostic.hint;
  return text;
}

namespace {
std::string join_lines(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_string(diagnostic);
  }
  return text;
}
}  // namespace

Error::Error(Diagnostics diagnostics) : Error(ErrorKind::invalid, join_lines(diagnostics)) {
  diagnostics_ = std::move(diagnostics);
}

Error& Error::add_context(const std::string& context) {
  message_ = context + ": " + message_;
  return *this;
}

void throw_if_any(Diagnostics diagnostics) {
  if (!diagnostics.empty()) throw Error(std::move(diagnostics));
}

}  // namespace lotse::base
