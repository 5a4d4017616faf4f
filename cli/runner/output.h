#pragma once
#include <cstdio>
#include <mutex>
#include <string>

#include "contract/event.h"
#include "contract/progress_lines.h"

namespace lotse::cli::runner {

/// Prints events on standard output, in one of three forms: JSON lines; plain lines, with progress
/// now and then; or, on a terminal, plain lines with progress as a bar that redraws itself.
/// Thread-safe.
class Output {
 public:
  enum class Form { json, plain, terminal };

  /// `json`: as asked by "-o json" or LOTSE_EVENTS=json; else a terminal is told from a file or
  /// pipe.
  static Form choose_form(bool json);

  explicit Output(Form form) : form_(form) {}
  ~Output();
  void print(const contract::Event& event);
  /// For results that are one document rather than events (inspect): `text`, or `document` as JSON.
  void print_document(const std::string& text, const nlohmann::json& document);
  Form form() const { return form_; }

 private:
  void clear_bar();
  void draw_bar(const contract::Event& event);
  void put(const std::string& text);

  Form form_;
  bool bar_shown_ = false;
  contract::ProgressLines lines_;
  std::mutex mutex_;
};

}  // namespace lotse::cli::runner
