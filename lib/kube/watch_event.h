#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lotse::kube {

using nlohmann::json;

struct WatchEvent {
  std::string type;  ///< ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  json object;       ///< of an ERROR: a Status
};

/// Turns the body of a watch, in pieces as they come, into its events: JSON documents, one a line.
class WatchDecoder {
 public:
  /// Throws Error(failed) for a whole line that is no event.
  void feed(std::string_view bytes, const std::function<void(WatchEvent)>& sink);

 private:
  std::string rest_;  ///< the beginning of a line that has not ended
};

}  // namespace lotse::kube
