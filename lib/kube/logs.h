#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kube/client.h"
#include "object/log_line.h"

namespace lotse::kube {

using object::LogOptions;
using object::LogSink;

/// The names of a pod's containers, in the order in which they start.
std::vector<std::string> containers_of(const json& pod);

using PodFilter = std::function<bool(const json& pod)>;

/// Reads the lines of one container's log, as the server sends them with timestamps, and knows
/// where to go on after a cut. The kubelet takes whole seconds, and lines of standard output and
/// error may lie a little out of order, so a new stream begins a second early, and what was seen is
/// left out. If nothing of that comes again, the log was rotated meanwhile: then lines may be lost.
class LogCursor {
 public:
  using Sink = std::function<void(const std::string& time, const std::string& text)>;
  /// Called before the first line behind a gap, with the times around it.
  using Lost = std::function<void(const std::string& after, const std::string& before)>;

  /// `from_tail`: the first stream begins at a tail, so its first second may have earlier lines,
  /// which are not new when a later stream brings them.
  explicit LogCursor(bool from_tail = false) : partial_(from_tail) {}

  /// Takes the next bytes; whole lines that are new go to `sink`.
  void feed(std::string_view bytes, const Sink& sink, const Lost& lost = {});
  /// Tells that a stream has ended. Text without a newline counts as a line if the stream was
  /// `complete`; else the next stream brings it again.
  void end(bool complete, const Sink& sink);
  /// Tells that the next stream is of another process of the container, so that nothing is lost if
  /// it repeats nothing.
  void begin_another() { in_step_ = true; }
  /// sinceTime for the next stream; "" before the first line.
  std::string resume_at() const { return seen_.empty() ? "" : seen_.begin()->second.first_time; }

 private:
  struct Second {
    std::string first_time;
    std::map<std::size_t, int> lines;  ///< how many of each hash
  };
  bool seen_before(const std::string& second, std::size_t hash);
  void remember(const std::string& second, const std::string& time, std::size_t hash);
  void line(std::string_view text, const Sink& sink, const Lost& lost);

  bool partial_;         // the first second that is remembered was not seen from its beginning
  bool in_step_ = true;  // this stream has repeated something, or had nothing to repeat
  std::string last_time_;
  std::string rest_;
  std::map<std::string, Second> seen_;  ///< the latest two seconds that had lines
  std::map<std::string, Second> past_;  ///< of those, what this stream has not repeated yet
};

/// The logs of all pods that `selector` and `filter` choose, in one loop on the client's transport.
/// Without `follow`: what there is, pod by pod, the oldest first. With it: pods that come later
/// join, containers that have not started are waited for, a cut stream goes on where it was;
/// returns once `ended` says that nothing new will come and what there is has been read, or when
/// the user interrupts. `ended` is asked until then; what it throws comes out at once, with nothing
/// more read. A container that starts anew is first read to the end of its old log. What may have
/// been lost is a warning. Of each line it is told pod, container, time with nanoseconds, as the
/// kubelet wrote it, and text.
void read_logs(Client& client, const Selector& selector, const PodFilter& filter,
               const LogOptions& query, const LogSink& sink, const std::function<bool()>& ended);

/// The last lines of one container's log, if all of them come within `patience`; else, and where
/// there are none or they may not be read, none.
std::vector<object::LogLine> last_lines(Client& client, const std::string& pod,
                                        const std::string& container, int64_t count,
                                        std::chrono::milliseconds patience);

}  // namespace lotse::kube
