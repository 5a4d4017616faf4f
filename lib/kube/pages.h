#pragma once
#include <functional>
#include <string>
#include <string_view>

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

/// Asks for a collection page by page (`first` is what list_call makes) and hands out each page as
/// it comes, so that a list of any length costs the memory of one page. After a 410 between pages
/// it goes on behind the last object, with the token that the server gives for that: nothing comes
/// twice. Returns the last page's resourceVersion. Throws as Client does.
std::string each_page(Client& client, const Call& first, const PageSink& sink);

}  // namespace lotse::kube
