#pragma once
#include <atomic>
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
  /// Something could not be written (a full disk), which was said on standard error. The mode goes
  /// on where it makes anything else; the program ends with exit_failed.
  bool failed() const { return failed_; }

 private:
  void write(const std::string& text);
  void clear_bar();
  void draw_bar(const contract::Event& event);
  void put(const std::string& text);

  Form form_;
  bool bar_shown_ = false;
  contract::ProgressLines lines_;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
};

}  // namespace lotse::cli::runner
