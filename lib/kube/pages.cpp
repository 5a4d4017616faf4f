#include "kube/pages.h"

#include <algorithm>

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

}  // namespace

std::string token_behind(const std::string& page) {
  return metadata_of(page).value("continue", "");
}

std::vector<std::string_view> items_of(std::string_view page) {
  const auto items = document::raw_member(page, "items");
  if (items.empty() || items == "null") return {};
  return document::raw_elements(items);
}

std::string item_text(std::string_view item, const object::Kind& kind,
                      const std::vector<document::RawPath>& without) {
  auto members = document::raw_members(item);
  const auto is_type = [](const auto& member) {
    return member.key == "kind" || member.key == "apiVersion";
  };
  // Who asks for metadata alone asks for no other kind.
  if (std::any_of(members.begin(), members.end(), [](const auto& member) {
        return member.key == "kind" && member.value == "\"PartialObjectMetadata\"";
      }))
    std::erase_if(members, is_type);
  const bool typed = std::any_of(members.begin(), members.end(), is_type);
  const auto version = "\"" + kind.api_version + "\"", name = "\"" + kind.kind + "\"";
  if (!typed) members.insert(members.begin(), {{"apiVersion", version}, {"kind", name}});
  return document::without_members(members, without);
}

std::string each_page(Client& client, const Call& first, const PageSink& sink, std::string from) {
  std::string next = std::move(from);
  bool expired = false;
  for (;;) {
    auto call = first;
    if (!next.empty()) call.query.emplace_back("continue", next);
    const auto response = client.send_list(call);
    if (response.status == gone && !next.empty() && !expired) {
      next = token_behind(response.body);
      expired = true;
      if (next.empty()) throw client.refusal(call, response);
      if (sink.on_newer) sink.on_newer();
      continue;
    }
    if (!response.ok()) throw client.refusal(call, response);
    if (!response.body.starts_with('{')) throw no_json(call);
    expired = false;
    sink.on_page(response.body);
    const auto metadata = metadata_of(response.body);
    next = metadata.value("continue", "");
    if (next.empty()) return metadata.value("resourceVersion", "");
  }
}

}  // namespace lotse::kube
