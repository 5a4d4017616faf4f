#pragma once
#include <vector>

#include "kube/client.h"

namespace lotse::kube {

struct ListQuery {
  const object::Kind* kind;
  Selector selector = {};
};

/// All of these lists, in their order, asked for at once: together they take about as long as the
/// slowest. Of a server that answers 429 all that it refused are asked for again together. Throws
/// as Client::list does.
std::vector<List> list_all(Client& client, const std::vector<ListQuery>& queries);

/// All pages of a collection, of all namespaces, one after the other.
std::vector<json> list_everywhere(Client& client, const object::Kind& kind,
                                  const Selector& selector = {});

}  // namespace lotse::kube
