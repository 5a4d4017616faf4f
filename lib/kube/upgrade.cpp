#include "base/error.h"
#include "kube/client.h"
#include "kube/status.h"

namespace lotse::kube {

std::unique_ptr<net::WebSocket> Client::upgrade(const Call& call,
                                                const std::vector<std::string>& protocols) {
  const auto open = [&] {
    auto wanted = request(call);
    // What an upgrade produces is "*/*": asked for JSON, the server answers 406.
    std::erase_if(wanted.headers, [](const auto& header) { return header.first == "Accept"; });
    return net::open_websocket(transport_, wanted, protocols);
  };
  auto upgraded = open();
  if (upgraded.response.status == unauthorized && can_renew_credentials(credentials_.serial()))
    upgraded = open();
  if (upgraded.response.status != unauthorized) credentials_.accepted();
  if (!upgraded.socket) throw error_of(request(call), upgraded.response);
  return std::move(upgraded.socket);
}

}  // namespace lotse::kube
