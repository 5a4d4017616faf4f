#include "runner/foreign.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>

#include "base/strings.h"

namespace lotse::runner {

namespace {

constexpr auto less = "Take a smaller --imgsz or --batch, or give it more memory.";

/// "... you tried to allocate 123 bytes" as " for 123 MB"; "" if the message has no such number.
std::string size_asked(const std::string& message) {
  constexpr std::string_view before = "tried to allocate ";
  const auto at = message.find(before);
  if (at == std::string::npos) return "";
  const double bytes = std::strtod(message.c_str() + at + before.size(), nullptr);
  return base::cat(" for another ", base::fixed(bytes / 1e6, 0), " MB");
}

}  // namespace

base::Error from_foreign(const std::exception& error) {
  using base::ErrorKind;
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return {ErrorKind::failed, "there is not enough memory", less};
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  const std::string message = torch != nullptr ? torch->what_without_backtrace() : error.what();
  const bool gpu = dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr;
  if (message.find("can't allocate memory") != std::string::npos)
    return {ErrorKind::failed, "there is not enough memory" + size_asked(message), less};
  if (gpu) return {ErrorKind::failed, "the GPU has not enough memory", less};
  return {ErrorKind::failed, message.substr(0, message.find('\n'))};
}

}  // namespace lotse::runner
