#include "cli/output/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "cli/output/print.h"

namespace lotse::cli {

namespace {

size_t terminal_width() {
  winsize size = {};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// The first `width` characters of UTF-8 text, so that a bar never wraps into a second line.
std::string cut(const std::string& text, size_t width) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xC0) != 0x80 && ++characters > width) return text.substr(0, i);
  return text;
}

double number(const nlohmann::json& fields, const char* name) {
  const auto found = fields.find(name);
  return found != fields.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace

Progress::~Progress() {
  try {
    clear();
  } catch (const base::Error&) {  // the exit code tells of it: base::output_failed
  }
}

void Progress::put(const std::string& text) {
  clear();
  print(text + "\n");
  lines_.printed();
}

void Progress::clear() {
  if (std::exchange(shown_, false)) print("\r\x1b[K");
}

void Progress::note(const std::string& text) {
  if (json_)
    std::fprintf(stderr, "%s\n", text.c_str());
  else
    put(text);
}

void Progress::line(const std::string& text, const std::string& prefix) {
  if (json_) return put(text);
  const auto event = contract::decode(text);
  if (!event) return put(prefix + text);
  if (event->type == "progress") {
    if (terminal_)
      draw(*event);
    else if (lines_.due(*event))
      put(prefix + base::printable(event->message));
  } else if (!event->message.empty()) {
    for (const auto& one : base::split(event->message, '\n')) put(prefix + base::printable(one));
  }
}

void Progress::draw(const contract::Event& event) {
  constexpr size_t width = 24;
  const double total = std::max(number(event.fields, "total"), 1.0);
  const auto filled =
      static_cast<size_t>(std::clamp(number(event.fields, "done") / total, 0.0, 1.0) * width);
  const std::string bar = "[" + std::string(filled, '=') + std::string(width - filled, ' ') + "] ";
  const size_t room = terminal_width();
  print("\r\x1b[K" + cut(bar + base::printable(event.message), room > 1 ? room - 1 : 1));
  shown_ = true;
}

}  // namespace lotse::cli
