#include <string>
#include <vector>

#include "kube/watch_event.h"
#include "reads.h"

using lotse::kube::WatchDecoder;
using lotse::kube::WatchEvent;

namespace {

/// The events of `bytes`, which come in pieces of `size`, and whether a line that is none came.
std::pair<std::vector<std::string>, bool> events(std::string_view bytes, size_t size) {
  std::vector<std::string> seen;
  WatchDecoder decoder;
  const auto sink = [&](WatchEvent event) {
    using nlohmann::json;
    seen.push_back(event.type + event.object.dump(-1, ' ', false, json::error_handler_t::replace));
  };
  try {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size())))
      decoder.feed(bytes.substr(0, size), sink);
  } catch (const lotse::base::Error& error) {
    must_hold(error.kind() == Kind::failed);
    return {seen, true};
  }
  return {seen, false};
}

}  // namespace

// However the bytes are cut, the same events come out.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = as_text(data, size);
  if (text.empty()) return 0;
  const auto whole = events(text, text.size());
  must_hold(events(text, 1) == whole);
  must_hold(events(text, 1 + data[0] % 16) == whole);
  return 0;
}
