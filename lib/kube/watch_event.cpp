#include "kube/watch_event.h"

#include "base/error.h"

namespace lotse::kube {

namespace {

WatchEvent parse(std::string_view line) {
  json value = json::parse(line, nullptr, false);
  const bool right = value.is_object() && value.contains("type") && value["type"].is_string() &&
                     value.contains("object") && value["object"].is_object();
  if (!right)
    throw base::Error(base::ErrorKind::failed, "the server sent a watch event that is none");
  return {value["type"], std::move(value["object"])};
}

}  // namespace

void WatchDecoder::feed(std::string_view bytes, const std::function<void(WatchEvent)>& sink) {
  rest_ += bytes;
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    if (end > begin) sink(parse(std::string_view(rest_).substr(begin, end - begin)));
    begin = end + 1;
  }
  rest_.erase(0, begin);
}

}  // namespace lotse::kube
