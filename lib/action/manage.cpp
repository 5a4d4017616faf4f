#include "action/manage.h"

#include "action/status.h"
#include "base/clock.h"
#include "base/error.h"
#include "workload/pod.h"

namespace lotse::action {

Removal remove(Target& target, const std::string& name, bool purge_data) {
  try {
    status(target, name);
  } catch (const base::Error& error) {
    const bool damaged = target.is_local() && error.kind() == base::ErrorKind::failed;
    if (!damaged) throw;
  }
  return target.remove(name, purge_data);
}

std::string restart(Target& target, const std::string& name) {
  status(target, name);
  for (const auto& object : target.snapshot(name))
    if (workload::text_at(object, {"kind"}) == "Deployment") {
      target.restart(name, object, base::timestamp_now());
      return "deployment/" + workload::text_at(object, {"metadata", "name"});
    }
  throw base::Error(base::ErrorKind::invalid,
                    "'" + name + "' is a run, not a service: it has no rolling restart",
                    "the same command with --name " + name + " runs it again");
}

}  // namespace lotse::action
