#pragma once

namespace lotse::local {

/// Sockets of 127.0.0.1, non-blocking and closed on exec; -1 on failure.
int listen_on(int port);   ///< 0: any port
int connect_to(int port);  ///< begins to connect

}  // namespace lotse::local
