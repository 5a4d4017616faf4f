#include "cli/runner/output.h"

#include <unistd.h>

#include <algorithm>

namespace lotse::cli::runner {

Output::Form Output::choose_form(bool json) {
  if (json) return Form::json;
  return ::isatty(STDOUT_FILENO) ? Form::terminal : Form::plain;
}

Output::~Output() {
  clear_bar();
}

void Output::print(const contract::Event& event) {
  const std::lock_guard lock(mutex_);
  if (form_ == Form::json) {
    std::fputs((contract::encode(event) + "\n").c_str(), stdout);
  } else if (event.type == "progress") {
    if (form_ == Form::terminal)
      draw_bar(event);
    else if (lines_.due(event))
      put(event.message);
  } else if (!event.message.empty()) {
    put(event.message);
  }
  std::fflush(stdout);
}

void Output::print_document(const std::string& text, const nlohmann::json& document) {
  const std::lock_guard lock(mutex_);
  const std::string shown = form_ == Form::json ? document.dump(2) + "\n" : text;
  std::fputs(shown.c_str(), stdout);
  std::fflush(stdout);
}

void Output::put(const std::string& text) {
  clear_bar();
  std::fputs((text + "\n").c_str(), stdout);
  lines_.printed();
}

void Output::clear_bar() {
  if (bar_shown_) std::fputs("\r\x1b[K", stdout);
  bar_shown_ = false;
}

void Output::draw_bar(const contract::Event& event) {
  constexpr int width = 24;
  const double total = std::max(event.fields.value("total", 0.0), 1.0);
  const double part = std::clamp(event.fields.value("done", 0.0) / total, 0.0, 1.0);
  const int filled = static_cast<int>(part * width);
  std::string bar = "\r\x1b[K[";
  for (int i = 0; i < width; ++i) bar += i < filled ? '=' : ' ';
  std::fputs((bar + "] " + event.message).c_str(), stdout);
  bar_shown_ = true;
}

}  // namespace lotse::cli::runner
