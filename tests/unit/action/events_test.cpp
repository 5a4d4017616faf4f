// What `events` and `top` ask an API server in memory; the real one is asked in the cluster case
// `watch`.
#include "action/events.h"

#include <catch2/catch.hpp>

#include "action/cluster.h"
#include "action/debug_bundle.h"
#include "action/top.h"
#include "base/error.h"
#include "support/api_target.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::action;
using base::ErrorKind;
using test::error_from;
using test::MemoryApi;

namespace {

json labels(const std::string& workload) {
  return {{"app.kubernetes.io/managed-by", "lotse"}, {"lotse.dev/workload", workload}};
}

void add(MemoryApi& api, const std::string& path, json object) {
  const auto name = path.substr(path.rfind('/') + 1);
  object["metadata"]["name"] = name;
  api.objects[path] = std::move(object);
}

/// A workload of a Job and a pod that runs.
void add_workload(MemoryApi& api, const std::string& name) {
  const json mark = {{"labels", labels(name)}, {"annotations", {{"lotse.dev/kind", "train"}}}};
  add(api, "/api/v1/namespaces/ns/configmaps/" + name, {{"kind", "ConfigMap"}, {"metadata", mark}});
  add(api, "/apis/batch/v1/namespaces/ns/jobs/" + name + "-1a2b3c4d",
      {{"kind", "Job"}, {"metadata", mark}});
  add(api, "/api/v1/namespaces/ns/pods/" + name + "-0",
      {{"kind", "Pod"},
       {"metadata", mark},
       {"spec",
        {{"containers", {{{"name", "main"}, {"resources", {{"limits", {{"cpu", "2"}}}}}}}}}},
       {"status", {{"phase", "Running"}}}});
}

void add_event(MemoryApi& api, const std::string& name, const std::string& group,
               const std::string& about, const std::string& type, const std::string& time) {
  const auto path = group == "v1" ? "/api/v1" : "/apis/events.k8s.io/v1";
  const auto subject = group == "v1" ? "involvedObject" : "regarding";
  add(api, std::string(path) + "/namespaces/ns/events/" + name,
      {{"type", type},
       {"reason", "R"},
       {"note", "exec rtsp://me:secret@camera failed"},
       {"eventTime", time},
       {subject, {{"kind", "Pod"}, {"name", about}}}});
}

void add_metrics(MemoryApi& api, const std::string& version, const std::string& pod) {
  add(api, "/apis/metrics.k8s.io/" + version + "/namespaces/ns/pods/" + pod,
      {{"metadata", {{"labels", {{"app.kubernetes.io/managed-by", "lotse"}}}}},
       {"timestamp", "2026-11-24T10:00:00Z"},
       {"containers", {{{"usage", {{"cpu", "1500m"}, {"memory", "64Mi"}}}}}}});
}

/// Answers questions whose path begins so with this code.
void answer(MemoryApi& api, const std::map<std::string, int>& codes) {
  api.refuse = [codes](const std::string&, const std::string& path,
                       bool) -> std::optional<std::pair<int, json>> {
    for (const auto& [begin, code] : codes)
      if (path.starts_with(begin))
        return std::pair(code, json{{"kind", "Status"}, {"message", "not for you"}});
    return {};
  };
}

std::vector<std::string> objects_of(const std::vector<workload::EventRow>& rows) {
  std::vector<std::string> objects;
  for (const auto& row : rows) objects.push_back(row.workload + ":" + row.object);
  return objects;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("events are those of the workload's objects, oldest first, without anybody's password") {
  MemoryApi api;
  add_workload(api, "run");
  add_workload(api, "eyes");
  add_event(api, "a", "events.k8s.io/v1", "run-0", "Warning", "2026-11-24T10:00:02Z");
  add_event(api, "b", "events.k8s.io/v1", "run-1a2b3c4d-0-x7k2p", "Normal", "2026-11-24T10:00:01Z");
  add_event(api, "c", "events.k8s.io/v1", "eyes-0", "Normal", "2026-11-24T10:00:00Z");
  add_event(api, "d", "events.k8s.io/v1", "stranger", "Warning", "2026-11-24T10:00:00Z");
  const auto target = test::make_api_target(api);
  const auto rows = events(*target, {"run", false});
  REQUIRE(rows);
  CHECK(objects_of(*rows) == Texts{"run:pod/run-1a2b3c4d-0-x7k2p", "run:pod/run-0"});
  CHECK(rows->front().message == "exec rtsp://(hidden)@camera failed");
  CHECK(objects_of(*events(*target, {"", false})) ==
        Texts{"eyes:pod/eyes-0", "run:pod/run-1a2b3c4d-0-x7k2p", "run:pod/run-0"});
  CHECK(objects_of(*events(*target, {"run", true})) == Texts{"run:pod/run-0"});
  CHECK(error_from([&] { events(*target, {"nobody", false}); }).kind() == ErrorKind::not_found);
}

TEST_CASE("who may not read Events of one group reads those of the other; of neither is an error") {
  MemoryApi api;
  add_workload(api, "run");
  add_event(api, "a", "v1", "run-0", "Normal", "2026-11-24T10:00:00Z");
  const auto target = test::make_api_target(api);
  answer(api, {{"/apis/events.k8s.io/v1", 403}});
  CHECK(events(*target, {"run", false})->size() == 1);
  answer(api, {{"/apis/events.k8s.io/v1", 403}, {"/api/v1/namespaces/ns/events", 403}});
  CHECK(error_from([&] { events(*target, {"run", false}); }).kind() == ErrorKind::denied);
}

TEST_CASE("to follow events ends with the workload, and shows what there is once") {
  MemoryApi api;
  add_workload(api, "run");
  auto& job = api.objects["/apis/batch/v1/namespaces/ns/jobs/run-1a2b3c4d"];
  job["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  add_event(api, "a", "events.k8s.io/v1", "run-0", "Normal", "2026-11-24T10:00:00Z");
  const auto target = test::make_api_target(api);
  target->cluster()->client().create({{"apiVersion", "v1"},
                                      {"kind", "ConfigMap"},
                                      {"metadata", {{"name", "gives-the-list-a-version"}}}});
  size_t shown = 0;
  CHECK(follow_events(*target, {"run", false}, [&](const auto& rows) { shown += rows.size(); }));
  CHECK(shown == 1);
}

TEST_CASE("a debug bundle has the Events of all that the workload has and had") {
  MemoryApi api;
  add_workload(api, "run");
  add_event(api, "a", "events.k8s.io/v1", "run-0", "Normal", "2026-11-24T10:00:02Z");
  add_event(api, "b", "events.k8s.io/v1", "run-1a2b3c4d-0-x7k2p", "Normal", "2026-11-24T10:00:01Z");
  add_event(api, "c", "events.k8s.io/v1", "stranger", "Normal", "2026-11-24T10:00:00Z");
  const auto target = test::make_api_target(api);
  const auto events = [&]() -> std::string {
    for (const auto& file : debug_bundle(*target, "run"))
      if (file.path == "events.yaml") return file.text;
    return "";
  };
  CHECK_THAT(events(), Catch::Contains("name: run-0\n") &&
                           Catch::Contains("name: run-1a2b3c4d-0-x7k2p\n") &&
                           Catch::Contains("exec rtsp://(hidden)@camera failed") &&
                           !Catch::Contains("stranger"));
  answer(api, {{"/apis/events.k8s.io/v1", 403}, {"/api/v1/namespaces/ns/events", 403}});
  CHECK_THAT(events(), Catch::StartsWith("# could not be read: "));
}

TEST_CASE("top asks v1 of the metrics, then v1beta1") {
  for (const std::string version : {"v1", "v1beta1"}) {
    MemoryApi api;
    add_workload(api, "run");
    add_metrics(api, version, "run-0");
    if (version == "v1beta1") answer(api, {{"/apis/metrics.k8s.io/v1/", 404}});
    const auto target = test::make_api_target(api);
    for (const std::string name : {"run", ""}) {
      const auto usages = top(*target, name);
      REQUIRE(usages.size() == 1);
      REQUIRE(usages[0].pods.size() == 1);
      CHECK(usages[0].pods[0].cpu.used == object::Quantity::parse("1.5"));
      CHECK(usages[0].memory.used == object::Quantity::parse("64Mi"));
      CHECK(usages[0].cpu.limit == object::Quantity::parse("2"));
    }
  }
}

TEST_CASE("top says what is missing where nothing measures, and who may not ask") {
  MemoryApi api;
  add_workload(api, "run");
  const auto target = test::make_api_target(api);
  const auto error = [&](int code) {
    answer(api, {{"/apis/metrics.k8s.io/", code}});
    return error_from([&] { top(*target, ""); });
  };
  CHECK(error(404).kind() == ErrorKind::not_found);
  CHECK_THAT(error(404).hint(), Catch::Contains("metrics-server"));
  CHECK(error(403).kind() == ErrorKind::denied);
  CHECK_THAT(error(403).hint(), Catch::Contains("list pods of metrics.k8s.io"));
  CHECK(error(503).kind() == ErrorKind::unreachable);
  CHECK_THAT(error(503).hint(), Catch::Contains("lotse get apiservices"));
}
