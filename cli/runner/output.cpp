#include "cli/runner/output.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/output.h"

#include "base/strings.h"

namespace lotse::cli::runner {

Output::Form Output::choose_form(bool json) {
  if (json) return Form::json;
  return ::isatty(STDOUT_FILENO) ? Form::terminal : Form::plain;
}

Output::~Output() {
  clear_bar();
}

/// Training goes on where nobody can be told: its weights are worth more than its lines.
void Output::write(const std::string& text) {
  if (failed_) return;
  try {
    base::write_output(text);
  } catch (const base::Error& error) {
    failed_ = true;
    std::fprintf(stderr, "lotse-runner: %s\n", error.what());
  }
}

void Output::print(const contract::Event& event) {
  const std::lock_guard lock(mutex_);
  if (form_ == Form::json) {
    write(contract::encode(event) + "\n");
  } else if (event.type == "progress") {
    if (form_ == Form::terminal)
      draw_bar(event);
    else if (lines_.due(event))
      put(event.message);
  } else if (!event.message.empty()) {
    put(event.message);
  }
}

void Output::print_document(const std::string& text, const nlohmann::json& document) {
  const std::lock_guard lock(mutex_);
  write(form_ == Form::json
            ? document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
            : base::printable_lines(text));
}

void Output::put(const std::string& text) {
  clear_bar();
  write(base::printable_lines(text) + "\n");
  lines_.printed();
}

void Output::clear_bar() {
  if (std::exchange(bar_shown_, false)) write("\r\x1b[K");
}

void Output::draw_bar(const contract::Event& event) {
  constexpr int width = 24;
  const double total = std::max(event.fields.value("total", 0.0), 1.0);
  const double part = std::clamp(event.fields.value("done", 0.0) / total, 0.0, 1.0);
  const int filled = static_cast<int>(part * width);
  std::string bar = "\r\x1b[K[";
  for (int i = 0; i < width; ++i) bar += i < filled ? '=' : ' ';
  write(bar + "] " + base::printable(event.message));
  bar_shown_ = true;
}

}  // namespace lotse::cli::runner
