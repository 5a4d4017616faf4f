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

/// Whether this client's user has the right in the client's namespace, as the server answers after
/// asking all of its authorizers (SelfSubjectAccessReview). Every user may ask that about
/// themselves.
bool is_allowed(Client& client, const Right& right);

}  // namespace lotse::kube
