#include "kube/pages.h"

#include "base/error.h"
#include "document/raw_json.h"
#include "kube/status.h"

namespace lotse::kube {

namespace {

json metadata_of(const std::string& body) {
  const auto text = document::raw_member(body, "metadata");
  json value = text.empty() ? json() : json::parse(text, nullptr, false);
  return value.is_object() ? value : json::object();
}

std::string token_of(const std::string& body) {
  return metadata_of(body).value("continue", "");
}

}  // namespace

std::string each_page(Client& client, const Call& first, const PageSink& sink) {
  std::string next;
  bool expired = false;
  for (;;) {
    auto call = first;
    if (!next.empty()) call.query.emplace_back("continue", next);
    const auto response = client.send_list(call);
    if (response.status == gone && !next.empty() && !expired) {
      next = token_of(response.body);
      expired = true;
      if (next.empty()) throw client.refusal(call, response);
      if (sink.on_newer) sink.on_newer();
      continue;
    }
    if (!response.ok()) throw client.refusal(call, response);
    expired = false;
    sink.on_page(response.body);
    const auto metadata = metadata_of(response.body);
    next = metadata.value("continue", "");
    if (next.empty()) return metadata.value("resourceVersion", "");
  }
}

}  // namespace lotse::kube
