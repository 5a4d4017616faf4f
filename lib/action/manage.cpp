#include "action/manage.h"

#include "action/status.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/strings.h"
#include "object/member.h"

namespace lotse::action {

Removal remove(Target& target, const std::string& name, bool purge_data) {
  auto removal = target.remove(name, purge_data);
  if (!removal.removed.empty() || !removal.claims_removed.empty()) return removal;
  if (removal.claims_left.empty()) status(target, name);  // says that it is not there
  throw base::Error(base::ErrorKind::not_found,
                    "there is no workload '" + name + "' any more (" + target.describe() +
                        "), but it left " + base::join(removal.claims_left, ", "),
                    "`lotse delete " + name + " --purge-data` deletes that with its data");
}

std::string restart(Target& target, const std::string& name) {
  status(target, name);
  for (const auto& object : target.snapshot(name))
    if (object::text_at(object, {"kind"}) == "Deployment") {
      target.restart(name, object, base::timestamp_now());
      return "deployment/" + object::text_at(object, {"metadata", "name"});
    }
  throw base::Error(base::ErrorKind::invalid,
                    "'" + name + "' is a run, not a service: it has no rolling restart",
                    "the same command with --name " + name + " runs it again");
}

}  // namespace lotse::action
