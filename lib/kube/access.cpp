#include "kube/access.h"

#include "object/reference.h"

namespace lotse::kube {

bool is_allowed(Client& client, const Right& right) {
  const auto& kind = *object::find_kind("authorization.k8s.io/v1", "SelfSubjectAccessReview");
  const json asked = {{"namespace", client.name_space()},
                      {"verb", right.verb},
                      {"group", right.group},
                      {"resource", right.resource},
                      {"subresource", right.subresource}};
  Call call;
  call.method = "POST";
  call.path = object::path_of(kind, "");
  call.body = json{{"apiVersion", kind.api_version},
                   {"kind", kind.kind},
                   {"spec", {{"resourceAttributes", asked}}}}
                  .dump();
  const json answer = client.object_or_throw(call);
  const json::json_pointer allowed("/status/allowed");
  return answer.contains(allowed) && answer.at(allowed) == true;
}

}  // namespace lotse::kube
