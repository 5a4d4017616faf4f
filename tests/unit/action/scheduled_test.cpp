// Services whose number of pods a schedule sets, against an API server in memory; the real one,
// and a CronJob that really runs, are in the cluster case `schedule`.
#include "action/scheduled.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "action/manage.h"
#include "action/plan.h"
#include "action/why.h"
#include "base/zone.h"
#include "object/schedule.h"
#include "support/api_target.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::action;
using base::ErrorKind;
using test::error_from;
using test::MemoryApi;

namespace {

using Answer = std::optional<std::pair<int, json>>;

constexpr auto text = "daily 00:00-12:00 = 7; else 8";
constexpr auto other_text = "daily 00:00-12:00 = 5; else 6";
const std::string deployments = "/apis/apps/v1/namespaces/ns/deployments/";
const std::string autoscalers = "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/";
const std::string cronjobs = "/apis/batch/v1/namespaces/ns/cronjobs/";

int64_t now_by(const char* schedule) {
  return object::Schedule::parse(schedule).at(
      base::minute_of_week("UTC", std::time(nullptr)).value(), 0);
}

json made(const char* api_version, const char* kind, const char* name, const json& spec,
          const std::string& schedule = "") {
  json object = {
      {"apiVersion", api_version},
      {"kind", kind},
      {"metadata",
       {{"name", name},
        {"namespace", "ns"},
        {"labels", {{"app.kubernetes.io/managed-by", "lotse"}, {"lotse.dev/workload", "w"}}}}},
      {"spec", spec}};
  if (!schedule.empty())
    object["metadata"]["annotations"] = {{"lotse.dev/schedule", schedule},
                                         {"lotse.dev/time-zone", "UTC"}};
  return object;
}

Prepared prepared(std::vector<json> objects, const json& values) {
  Prepared one{"w", "ns", {}, {}};
  one.revision.content = "00000001";
  one.revision.cause = "apply";
  one.revision.template_name = "serve";
  one.revision.template_kind = "service";
  one.revision.values = values;
  one.revision.objects = std::move(objects);
  return one;
}

/// With 2 replicas where no schedule says another number.
Prepared service(const std::string& schedule, int64_t replicas = 2) {
  std::vector<json> objects = {
      made("apps/v1", "Deployment", "w", {{"replicas", replicas}}, schedule)};
  if (!schedule.empty()) {
    objects.push_back(made("rbac.authorization.k8s.io/v1", "Role", "w-schedule", {}));
    objects.push_back(made("rbac.authorization.k8s.io/v1", "RoleBinding", "w-schedule", {}));
    objects.back()["roleRef"] = {{"name", "w-schedule"}};
    objects.push_back(made("batch/v1", "CronJob", "w-schedule-1", {{"of", schedule}}));
  }
  return prepared(std::move(objects), {{"replicas", replicas}, {"schedule", schedule}});
}

Prepared scaled(int64_t least) {
  return prepared({made("apps/v1", "Deployment", "w", {{"replicas", least}}),
                   made("autoscaling/v2", "HorizontalPodAutoscaler", "w",
                        {{"minReplicas", least}, {"maxReplicas", 20}})},
                  {{"min", least}, {"max", 20}});
}

/// Answers access reviews: all rights but those on this resource.
auto rights_without(const std::string& denied) {
  return [denied](const std::string& method, const std::string& path, bool) -> Answer {
    if (method != "POST" || !path.ends_with("selfsubjectaccessreviews")) return {};
    return std::pair(201, json{{"status", {{"allowed", denied.empty()}}}});
  };
}

struct Rig {
  MemoryApi api;
  std::unique_ptr<Target> target = test::make_api_target(api);
  std::vector<std::string> scales;  ///< what was written to

  Rig() {
    api.refuse = [this](const std::string& method, const std::string& path, bool dry_run) {
      if (path.ends_with("/scale")) scales.push_back(path);
      return rights_without("")(method, path, dry_run);
    };
  }
  json& at(const std::string& path) { return api.objects.at(path)["spec"]; }
  json& replicas() { return at(deployments + "w")["replicas"]; }
  /// What a CronJob does.
  void count(int64_t number) {
    set_count(*target, "Deployment", "w", number);
    api.objects.at(deployments + "w")["metadata"]["managedFields"] = {
        {{"manager", schedule_manager},
         {"subresource", "scale"},
         {"fieldsV1", {{"f:spec", {{"f:replicas", json::object()}}}}}}};
    scales.clear();
  }
};

}  // namespace

TEST_CASE("a service with a schedule begins with the number of that moment") {
  Rig cluster;
  submit(*cluster.target, service(text), {});
  CHECK(cluster.replicas() == now_by(text));
  CHECK(cluster.scales.empty());
}

TEST_CASE("a number that a schedule has set outlives the changes after it") {
  Rig cluster;
  submit(*cluster.target, service(text), {});
  cluster.count(20);
  auto next = service(text);
  next.revision.objects[0]["spec"]["template"] = {{"spec", {{"hostname", "x"}}}};
  CHECK_FALSE(submit(*cluster.target, next, {}).unchanged);
  CHECK(cluster.replicas() == 20);
  CHECK(submit(*cluster.target, next, {}).unchanged);
  CHECK(cluster.scales.empty());
}

TEST_CASE("another schedule begins at once, and so does the first of a service that is there") {
  Rig cluster;
  submit(*cluster.target, service(""), {});
  CHECK(cluster.replicas() == 2);
  const auto planned = [&](const Prepared& wanted) {
    for (const auto& change : plan(*cluster.target, wanted, {}).changes)
      for (const auto& field : change.fields)
        if (change.object == "deployment/w" && field.path == "spec.replicas") return field.after;
    return json();
  };
  CHECK(planned(service(text)) == now_by(text));
  submit(*cluster.target, service(text), {});
  CHECK(cluster.replicas() == now_by(text));
  CHECK(planned(service(text)).is_null());
  cluster.count(20);
  CHECK(planned(service(other_text)) == now_by(other_text));
  CHECK(cluster.replicas() == 20);
  submit(*cluster.target, service(other_text), {});
  CHECK(cluster.replicas() == now_by(other_text));
  CHECK(cluster.scales == std::vector<std::string>{deployments + "w/scale"});
}

TEST_CASE("why tells what keeps the schedule's newest Job from setting the number") {
  Rig cluster;
  submit(*cluster.target, service(text), {});
  const auto causes = [&] {
    std::vector<std::string> found;
    for (const auto& cause : why(*cluster.target, "w").state.causes)
      if (cause.code == "ScheduleFailing") found.push_back(cause.evidence);
    return found;
  };
  CHECK(causes().empty());
  const auto job = [&](const std::string& name, const char* time, const char* condition) {
    const std::string uid = "uid-" + name;
    const json labels = {{"lotse.dev/schedule", "w"}};
    cluster.api.objects["/apis/batch/v1/namespaces/ns/jobs/" + name] = {
        {"kind", "Job"},
        {"metadata",
         {{"name", name}, {"uid", uid}, {"creationTimestamp", time}, {"labels", labels}}},
        {"status", {{"conditions", {{{"type", condition}, {"status", "True"}}}}}}};
    cluster.api.objects["/api/v1/namespaces/ns/pods/" + name + "-x"] = {
        {"kind", "Pod"},
        {"metadata",
         {{"name", name + "-x"},
          {"labels", labels},
          {"uid", uid + "-x"},
          {"ownerReferences", {{{"kind", "Job"}, {"name", name}, {"uid", uid}}}}}},
        {"spec", {{"containers", {{{"name", "scale"}}}}}},
        {"status",
         {{"phase", "Failed"},
          {"containerStatuses",
           {{{"name", "scale"},
             {"state",
              {{"terminated", {{"exitCode", 3}, {"message", "you may not patch w"}}}}}}}}}}};
  };
  job("w-schedule-1-1", "2026-01-01T07:00:00Z", "Failed");
  CHECK(causes() == std::vector<std::string>{"job/w-schedule-1-1: exit 3: you may not patch w"});
  job("w-schedule-2-2", "2026-01-01T09:00:00Z", "Complete");
  cluster.api.objects.erase("/api/v1/namespaces/ns/pods/w-schedule-2-2-x");
  CHECK(causes().empty());
}

TEST_CASE("without its schedule a service has its own number, and no rights are left") {
  Rig cluster;
  submit(*cluster.target, service(text), {});
  cluster.count(20);
  submit(*cluster.target, service("", 3), {});
  CHECK(cluster.replicas() == 3);
  for (const auto& [path, object] : cluster.api.objects)
    CHECK(path.find("w-schedule") == std::string::npos);
  cluster.count(3);
  CHECK(submit(*cluster.target, scale(*cluster.target, "w", 4), {}).number == 3);
  CHECK(cluster.replicas() == 4);
}

TEST_CASE("a service that is stopped stays so until it is started, whatever its schedule says") {
  Rig cluster;
  submit(*cluster.target, service(text), {});
  cluster.count(20);
  CHECK(apply(*cluster.target, "w", pause, {}) == Applied::changed);
  CHECK(cluster.replicas() == 0);
  CHECK(cluster.at(cronjobs + "w-schedule-1")["suspend"] == true);
  // The server in memory keeps what is no longer sent; the real one takes it away.
  cluster.at(cronjobs + "w-schedule-1").erase("suspend");
  cluster.at(cronjobs + "w-schedule-1")["of"] = "a pause";
  CHECK(apply(*cluster.target, "w", resume, {}) == Applied::changed);
  CHECK(cluster.replicas() == now_by(text));
}

TEST_CASE("scale: a schedule's number is not overruled for good, a least number has its limits") {
  Rig cluster;
  submit(*cluster.target, service(text), {});
  const auto refused = error_from([&] { scale(*cluster.target, "w", 4); });
  CHECK(refused.kind() == ErrorKind::invalid);
  CHECK(std::string(refused.what()) == "a schedule sets the number of pods of 'w'");
  CHECK(error_from([&] { scale_least(*cluster.target, "w", 4); }).kind() == ErrorKind::invalid);

  Rig other;
  submit(*other.target, scaled(2), {});
  CHECK(submit(*other.target, scale_least(*other.target, "w", 5), {}).number == 2);
  CHECK(other.at(autoscalers + "w")["minReplicas"] == 5);
  const auto known = look_up(*other.target, "w").history.revisions.back();
  CHECK(known.cause == "scale to at least 5");
  CHECK(known.values["min"] == 5);
  CHECK(std::string(error_from([&] { scale_least(*other.target, "w", 21); }).what()) ==
        "--min 21 is above its --max of 20");
  set_count(*other.target, "HorizontalPodAutoscaler", "w", 9);
  CHECK(other.at(autoscalers + "w")["minReplicas"] == 9);
}

TEST_CASE("who may make no Role is told so, and of the way without, before anything is written") {
  for (const bool listed : {true, false}) {
    Rig cluster;
    const auto rights = rights_without(listed ? "roles" : "");
    cluster.api.refuse = [&](const std::string& method, const std::string& path,
                             bool dry_run) -> Answer {
      // What the server says to those who may make a Role, but not one with rights beyond theirs.
      if (!listed && method == "PATCH" && path.ends_with("/roles/w-schedule"))
        return std::pair(403, json{{"kind", "Status"}, {"code", 403}, {"message", "beyond yours"}});
      return rights(method, path, dry_run);
    };
    const auto refused = error_from([&] { submit(*cluster.target, service(text), {}); });
    CHECK(refused.kind() == ErrorKind::denied);
    CHECK_THAT(refused.what(),
               Catch::Contains(listed ? "create roles.rbac.authorization.k8s.io" : "beyond yours"));
    CHECK_THAT(refused.hint(), Catch::StartsWith("--service-account NAME"));
    CHECK(cluster.api.objects.empty());
  }
}

TEST_CASE("a RoleBinding is tried before its Role is there") {
  Rig cluster;
  cluster.api.refuse = [&](const std::string& method, const std::string& path,
                           bool dry_run) -> Answer {
    const bool has_role = cluster.api.objects.contains(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/ns/roles/w-schedule");
    if (path.find("/rolebindings") != std::string::npos && method != "GET" && !has_role)
      return std::pair(404, json{{"kind", "Status"}, {"code", 404}, {"message", "no such role"}});
    return rights_without("")(method, path, dry_run);
  };
  submit(*cluster.target, service(text), {});
  CHECK(cluster.api.objects.contains(
      "/apis/rbac.authorization.k8s.io/v1/namespaces/ns/rolebindings/w-schedule"));
  CHECK_FALSE(plan(*cluster.target, service(text), {}).impossible());
}
