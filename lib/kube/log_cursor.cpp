#include "kube/logs.h"

namespace lotse::kube {

void LogCursor::line(std::string_view text, const Sink& sink) {
  const auto space = text.find(' ');
  const std::string time(text.substr(0, space));
  const std::string rest(space == std::string_view::npos ? "" : text.substr(space + 1));
  // RFC 3339 in UTC with nine decimals: later times compare greater as text.
  if (time < last_time_) return;
  if (time == last_time_) {
    if (again_ < at_last_) {
      ++again_;
      return;
    }
    ++again_;
    ++at_last_;
  } else {
    last_time_ = time;
    at_last_ = again_ = 1;
  }
  sink(time, rest);
}

void LogCursor::feed(std::string_view bytes, const Sink& sink) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    line(std::string_view(rest_).substr(begin, end - begin), sink);
    begin = end + 1;
  }
  rest_.erase(0, begin);
}

void LogCursor::end(bool complete, const Sink& sink) {
  if (complete && !rest_.empty()) line(rest_, sink);
  rest_.clear();
  again_ = 0;
}

}  // namespace lotse::kube
