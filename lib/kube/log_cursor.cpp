#include "base/log.h"
#include "kube/logs.h"

namespace lotse::kube {

namespace {
constexpr std::size_t length_to_the_second = 19;  // "2026-11-24T12:00:00"
constexpr std::size_t seconds_kept = 2;

bool begins_with_time(std::string_view text) {
  return text.size() > length_to_the_second && text[4] == '-' && text[7] == '-' &&
         text[10] == 'T' && text[13] == ':' && text[16] == ':';
}

}  // namespace

bool LogCursor::seen_before(const std::string& second, std::size_t hash) {
  const auto past = past_.find(second);
  if (past == past_.end()) return false;
  const auto same = past->second.lines.find(hash);
  if (same == past->second.lines.end()) return false;
  if (--same->second == 0) past->second.lines.erase(same);
  return true;
}

/// Remembers a line. One that is older than all that is remembered came late in a running stream:
/// it is new, but not remembered.
void LogCursor::remember(const std::string& second, const std::string& time, std::size_t hash) {
  if (seen_.size() >= seconds_kept && second < seen_.begin()->first) return;
  auto& entry = seen_[second];
  if (entry.first_time.empty()) entry.first_time = time;
  ++entry.lines[hash];
  if (seen_.size() <= seconds_kept) return;
  seen_.erase(seen_.begin());
  partial_ = false;
}

void LogCursor::line(std::string_view text, const Sink& sink, const Lost& lost) {
  if (!begins_with_time(text)) {
    // The kubelet puts messages of its own among the lines: "unable to retrieve container logs for
    // ...".
    if (!text.empty()) base::log_warning("the kubelet: " + std::string(text));
    return;
  }
  const auto space = text.find(' ');
  const std::string time(text.substr(0, space));
  const std::string second = time.substr(0, length_to_the_second);
  const auto hash = std::hash<std::string_view>()(text);
  if (seen_before(second, hash)) {
    in_step_ = true;
    return;
  }
  if (!in_step_ && partial_ && second == seen_.begin()->first) return;
  if (!std::exchange(in_step_, true) && lost) lost(last_time_, time);
  remember(second, time, hash);
  last_time_ = time;
  sink(time, std::string(space == std::string_view::npos ? "" : text.substr(space + 1)));
}

void LogCursor::feed(std::string_view bytes, const Sink& sink, const Lost& lost) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    line(std::string_view(rest_).substr(begin, end - begin), sink, lost);
    begin = end + 1;
  }
  rest_.erase(0, begin);
}

void LogCursor::end(bool complete, const Sink& sink) {
  if (complete && !rest_.empty()) line(rest_, sink, {});
  rest_.clear();
  past_ = seen_;
  in_step_ = past_.empty();
}

}  // namespace lotse::kube
