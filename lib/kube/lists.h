#pragma once
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "document/raw_json.h"
#include "kube/client.h"

namespace lotse::kube {

struct ListQuery {
  const object::Kind* kind;
  Selector selector = {};
  bool metadata_alone = false;  ///< neither spec nor status, nor what a ConfigMap holds
  bool optional = false;        ///< where it may not be listed, or is not known, there are none
};

/// The list that this answer is; nothing if it is an error or one of several pages.
std::optional<List> whole_list(const net::Response& answer, const object::Kind& kind);

/// All of these lists, in their order, asked for at once: together they take about as long as the
/// slowest. Of a server that answers 429 all that it refused are asked for again together. Throws
/// as Client::list does.
std::vector<List> list_all(Client& client, const std::vector<ListQuery>& queries);

/// Takes one object of the list that is `query`th, as JSON text with apiVersion and kind.
using TakeText = std::function<void(size_t query, std::string_view object)>;

/// Hands out the objects of all of these lists without the members to which `without` leads, so
/// that a list of any length costs the memory of a page. The lists are asked for at once and may
/// come in any order; what each holds keeps its own. Throws as each_page (pages.h) does.
void each_of_all(Client& client, const std::vector<ListQuery>& queries,
                 const std::vector<document::RawPath>& without, const TakeText& take);

/// The same for one collection of all namespaces.
void each_everywhere(Client& client, const object::Kind& kind, const Selector& selector,
                     const std::vector<document::RawPath>& without,
                     const std::function<void(json object)>& take);

}  // namespace lotse::kube
