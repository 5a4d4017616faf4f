#include "unit/local/place.h"

namespace lotse::local {

bool Place::job_is(const std::string& workload, const std::string& type) {
  return eventually(workload, [&](const auto& objects) {
    for (const auto& object : objects)
      if (object::text_at(object, {"kind"}) == "Job" && has_condition(object, type)) return true;
    return false;
  });
}

bool Place::has_condition(const json& object, const std::string& type) {
  for (const auto& one : object::list_at(object, {"status", "conditions"}))
    if (object::text_at(one, {"type"}) == type && object::text_at(one, {"status"}) == "True")
      return true;
  return false;
}

json Place::object(const std::string& workload, const std::string& kind, const std::string& name) {
  const auto objects = store.snapshot(workload);
  const json* found = find_object(objects, kind, name);
  return found == nullptr ? json() : *found;
}

std::vector<std::string> Place::log(const std::string& workload, const LogOptions& log_options) {
  std::vector<std::string> lines;
  store.follow_logs(workload, log_options,
                    [&](const LogLine& line) { lines.push_back(line.text); });
  return lines;
}

json pod_spec(const json& arguments) {
  return {{"restartPolicy", "Never"},
          {"terminationGracePeriodSeconds", 2},
          {"nodeSelector", {{"gpu", "none"}}},
          {"volumes", {{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}}},
          {"containers",
           {{{"name", "main"},
             {"image", "example.test/team/lotse-runner:1"},
             {"args", arguments},
             {"volumeMounts", {{{"name", "data"}, {"mountPath", "/only/in/a/pod"}}}}}}}};
}

json claim() {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata", {{"name", "data"}}},
          {"spec", json::object()}};
}

json job(const std::string& name, const json& arguments, int count) {
  return {
      {"apiVersion", "batch/v1"},
      {"kind", "Job"},
      {"metadata", {{"name", name}}},
      {"spec",
       {{"completionMode", "Indexed"},
        {"completions", count},
        {"parallelism", count},
        {"backoffLimit", 2},
        {"podFailurePolicy",
         {{"rules",
           {{{"action", "FailJob"}, {"onExitCodes", {{"operator", "In"}, {"values", {2}}}}},
            {{"action", "Ignore"}, {"onExitCodes", {{"operator", "In"}, {"values", {75, 76}}}}}}}}},
        {"template", {{"spec", pod_spec(arguments)}}}}}};
}

int processes(const Place& place) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::error_code ignored;
    if (!fs::exists(entry.path() / "cmdline", ignored)) continue;
    std::string line;
    try {
      line = base::read_file(entry.path() / "cmdline");
    } catch (const base::Error&) {
      continue;
    }
    if (line.starts_with((place.folder.path() / "lotse-runner").string())) ++count;
  }
  return count;
}

}  // namespace lotse::local
