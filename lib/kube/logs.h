#pragma once
#include <functional>
#include <optional>
#include <string>

#include "kube/client.h"

namespace lotse::kube {

struct LogQuery {
  bool follow = false;
  std::optional<int64_t> tail = {};       ///< last lines of each container
  std::optional<std::string> since = {};  ///< RFC 3339
  bool previous = false;                  ///< of the container before its last restart
};

struct LogLine {
  std::string pod;
  std::string container;
  std::string time;  ///< RFC 3339 with nanoseconds, as the kubelet wrote it
  std::string text;  ///< without the newline
};

using LogSink = std::function<void(const LogLine&)>;
using PodFilter = std::function<bool(const json& pod)>;

/// The lines of one container's log as the server sends them with timestamps, and where to go on
/// after a cut: the kubelet takes whole seconds, so lines that were seen are told by their time
/// and, where several share it, by their number.
class LogCursor {
 public:
  using Sink = std::function<void(const std::string& time, const std::string& text)>;

  /// Takes the next bytes; whole lines that are new go to `sink`.
  void feed(std::string_view bytes, const Sink& sink);
  /// A stream ended: what has no newline yet counts as a line if the stream was `complete`, else
  /// the next stream brings it again.
  void end(bool complete, const Sink& sink);
  const std::string& last_time() const { return last_time_; }

 private:
  void line(std::string_view text, const Sink& sink);

  std::string rest_;
  std::string last_time_;
  int at_last_ = 0;  ///< lines with `last_time_` that were handed on
  int again_ = 0;    ///< of those, how many this stream has repeated
};

/// The logs of all pods that `selector` and `filter` choose, in one loop on the client's transport.
/// Without `follow`: what there is, pod by pod. With it: pods that come later join, containers that
/// have not started are waited for, a cut stream goes on where it was; returns once `ended` says
/// that nothing new will come and what there is has been read, or when the user interrupts.
void read_logs(Client& client, const Selector& selector, const PodFilter& filter,
               const LogQuery& query, const LogSink& sink, const std::function<bool()>& ended);

}  // namespace lotse::kube
