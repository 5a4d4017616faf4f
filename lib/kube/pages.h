#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "document/raw_json.h"
#include "kube/client.h"

namespace lotse::kube {

/// Ways in which the server can write objects; for Call::accept.
inline constexpr auto as_table =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/"
    "json;as=Table;v=v1beta1;g=meta.k8s.io,"
    "application/json";
inline constexpr auto as_metadata =
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";

struct PageSink {
  std::function<void(const std::string& body)> on_page;
  /// Called when the server no longer keeps the state that the first pages show: what follows is
  /// newer.
  std::function<void()> on_newer = {};
};

/// An item of a list as JSON text with the apiVersion and kind that it may lack, and without the
/// members to which `without` leads.
std::string item_text(std::string_view item, const object::Kind& kind,
                      const std::vector<document::RawPath>& without);

/// The items of a page, as text.
std::vector<std::string_view> items_of(std::string_view page);

/// Asks for a collection page by page (`first` is what list_call makes) and hands out each page as
/// it comes, so that a list of any length costs the memory of one page. After a 410 between pages
/// it goes on behind the last object, with the token that the server gives for that: nothing comes
/// twice. `from`: the token of the page to begin with. Returns the last page's resourceVersion.
/// Throws as Client does.
std::string each_page(Client& client, const Call& first, const PageSink& sink,
                      std::string from = {});

/// The token of the page behind this one; empty if it is the last.
std::string token_behind(const std::string& page);

}  // namespace lotse::kube
