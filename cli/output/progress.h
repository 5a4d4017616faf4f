#pragma once
#include <string>

#include "contract/event.h"
#include "contract/progress_lines.h"

namespace lotse::cli {

/// Shows the event lines of a run: as they are with `json`, else for people, progress as a bar
/// that redraws itself where standard output is a terminal, and now and then as a line elsewhere.
class Progress {
 public:
  Progress(bool json, bool terminal) : json_(json), terminal_(terminal) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A line of a pod: an event, or anything else that it printed. `prefix` is put in front of the
  /// text of its lines ("" for rank 0).
  void line(const std::string& text, const std::string& prefix);
  /// A line of our own, between those.
  void note(const std::string& text);
  void clear();

 private:
  void draw(const contract::Event& event);
  void put(const std::string& text);

  bool json_;
  bool terminal_;
  bool shown_ = false;
  contract::ProgressLines lines_;
};

}  // namespace lotse::cli
