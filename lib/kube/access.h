#pragma once
#include <string>

#include "kube/client.h"

namespace lotse::kube {

/// A right, in the words of a Role's rules.
struct Right {
  std::string verb;              ///< "create"
  std::string group;             ///< "batch"; "" for the core
  std::string resource;          ///< "jobs"
  std::string subresource = {};  ///< "log"; "": the object itself
};

/// Whether this client's user has it in the client's namespace: the server's own answer, which asks
/// all of its authorizers (SelfSubjectAccessReview). Everybody may ask that of themselves.
bool is_allowed(Client& client, const Right& right);

}  // namespace lotse::kube
