#include "contract/exit_code.h"

namespace lotse::contract {

int exit_code(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::failed:
      return exit_failed;
    case base::ErrorKind::invalid:
      return exit_invalid;
    case base::ErrorKind::not_found:
    case base::ErrorKind::denied:
      return exit_not_found;
    case base::ErrorKind::conflict:
      return exit_conflict;
    case base::ErrorKind::unreachable:
      return exit_unreachable;
    case base::ErrorKind::impossible:
      return exit_impossible;
    case base::ErrorKind::timeout:
      return exit_timeout;
    case base::ErrorKind::interrupted:
      return exit_interrupted;
    case base::ErrorKind::stopped:
      return exit_stopped;
    case base::ErrorKind::peer_lost:
      return exit_peer_lost;
    case base::ErrorKind::node_broken:
      return exit_broken;
  }
  return exit_failed;
}

int passed_on(int container_code) {
  const bool ours = (container_code >= 0 && container_code <= 2) ||
                    (container_code >= exit_stopped && container_code <= exit_broken);
  return ours ? container_code : exit_failed;
}

}  // namespace lotse::contract
