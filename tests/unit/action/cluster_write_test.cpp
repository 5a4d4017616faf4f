// What is written to a cluster, against an API server in memory: what the real one does with the
// same is in tests/cluster/cases.
#include "action/cluster_write.h"

#include <catch2/catch.hpp>

#include "action/manage.h"
#include "action/others_fields.h"
#include "action/submit.h"
#include "object/reference.h"
#include "support/api_target.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::action;
using base::Error;
using base::ErrorKind;
using test::error_from;
using test::MemoryApi;

namespace {

json labels(const std::string& workload) {
  return {{"app.kubernetes.io/managed-by", "lotse"},
          {"lotse.dev/workload", workload},
          {"lotse.dev/template", "train"}};
}

json made(const std::string& api_version, const std::string& kind, const std::string& name) {
  return {{"apiVersion", api_version},
          {"kind", kind},
          {"metadata", {{"name", name}, {"namespace", "ns"}, {"labels", labels("w")}}}};
}

/// Configuration, claim, Service and Job of the workload w.
Prepared prepared(const std::string& content) {
  auto job = made("batch/v1", "Job", "w-" + content);
  job["spec"] = {
      {"completions", 1},
      {"template",
       {{"metadata", {{"annotations", {{"lotse.dev/revision", content}}}}},
        {"spec", {{"volumes", {{{"configMap", {{"name", "w-" + content + "-config"}}}}}}}}}}};
  auto service = made("v1", "Service", "w");
  service["spec"] = {{"ports", {{{"port", 80}}}}};
  Prepared one{"w", "ns", {}, {}};
  one.revision.content = content;
  one.revision.cause = "apply";
  one.revision.template_name = "train";
  one.revision.template_kind = "job";
  one.revision.values = {{"content", content}};
  one.revision.objects = {made("v1", "ConfigMap", "w-" + content + "-config"),
                          made("v1", "PersistentVolumeClaim", "w-output"), service, job};
  return one;
}

/// The Target for a cluster, whose server is in memory.
class ApiTarget {
 public:
  explicit ApiTarget(MemoryApi& api) : target_(test::make_api_target(api)) {}
  operator Target&() { return *target_; }
  kube::Client& client() { return target_->cluster()->client(); }
  /// Decided by what there is now.
  Change change_to(const std::string& content) {
    const auto objects = objects_of(prepared(content));
    return {.objects = objects, .seen = target_->written("w", objects)};
  }

 private:
  std::unique_ptr<Target> target_;
};

/// Of all objects but revisions.
std::vector<std::string> names(const MemoryApi& api) {
  std::vector<std::string> all;
  for (const auto& [path, each] : api.objects)
    if (each["kind"] != "Secret")
      all.push_back(each["kind"].get<std::string>() + "/" +
                    each["metadata"]["name"].get<std::string>());
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> names_of(const std::string& revision) {
  return {"ConfigMap/w", "ConfigMap/w-" + revision + "-config", "Job/w-" + revision,
          "PersistentVolumeClaim/w-output", "Service/w"};
}

json anchor_in(const MemoryApi& api) {
  return api.objects.at("/api/v1/namespaces/ns/configmaps/w");
}

/// The contents of the revisions that are kept, by their numbers.
std::map<int64_t, std::string> recorded(const MemoryApi& api) {
  std::map<int64_t, std::string> contents;
  for (const auto& [path, each] : api.objects)
    if (each["kind"] == "Secret") {
      const auto revision = release::from_secret(each);
      CHECK(contents.emplace(revision.number, revision.content).second);
    }
  return contents;
}

/// The anchor names the newest revision, and that is what it says.
void check_recorded(const MemoryApi& api) {
  const auto contents = recorded(api);
  REQUIRE_FALSE(contents.empty());
  const auto annotations = anchor_in(api)["metadata"]["annotations"];
  CHECK(annotations["lotse.dev/number"] == std::to_string(contents.rbegin()->first));
  CHECK(annotations["lotse.dev/revision"] == contents.rbegin()->second);
}

bool is_marked(const json& anchor) {
  return anchor["metadata"]["annotations"].contains("lotse.dev/writing");
}

/// Nothing: it was done. Else the kind of what went wrong.
std::optional<ErrorKind> outcome(ApiTarget& target, const std::string& revision,
                                 bool replace = false) {
  SubmitOptions options;
  options.replace = replace;
  try {
    submit(target, prepared(revision), options);
    return {};
  } catch (const Error& error) {
    return error.kind();
  }
}

/// "services/w", of a request that writes.
std::string path_in_ns(const net::Request& request) {
  const auto begin = request.url.find("/ns/") + 4;
  return request.url.substr(begin, request.url.find('?', begin) - begin);
}

struct Killed {};

/// Ends `work` as `kill -9` would after its request number `at`. False if it ended before.
template <class Work>
bool killed_after(MemoryApi& api, int at, Work work) {
  api.count = 0;
  api.after = [at](int number) {
    if (number == at) throw Killed();
  };
  bool killed = false;
  try {
    work();
  } catch (const Killed&) {
    killed = true;
  }
  api.after = {};
  return killed;
}

}  // namespace

TEST_CASE("an object of somebody else is refused before anything is written, whatever its kind") {
  const auto wanted = prepared("1");
  for (const auto& each : objects_of(wanted)) {
    for (const json& its :
         {json::object(), labels("other"),
          json{{"app.kubernetes.io/managed-by", "Helm"}, {"lotse.dev/workload", "w"}}}) {
      MemoryApi api;
      ApiTarget target(api);
      auto theirs = each;
      theirs["metadata"]["labels"] = its;
      theirs["data"] = {{"k", "precious"}};
      target.client().create(theirs);
      const auto before = api.objects;
      const auto error = error_from([&] { submit(target, wanted, {}); });
      CHECK(error.kind() == ErrorKind::conflict);
      CHECK_THAT(error.what(),
                 Catch::Contains("/" + theirs["metadata"]["name"].get<std::string>()));
      CHECK(api.objects == before);
    }
  }
}

TEST_CASE("what an earlier version made is recognised by its labels; a claim that stays is used") {
  MemoryApi api;
  ApiTarget target(api);
  for (const auto& each : objects_of(prepared("1"))) target.client().apply(each);
  const auto claim = api.objects.at("/api/v1/namespaces/ns/persistentvolumeclaims/w-output");
  CHECK_FALSE(outcome(target, "2", true));
  CHECK(anchor_in(api)["metadata"]["annotations"]["lotse.dev/revision"] == "2");
  CHECK(api.objects.at("/api/v1/namespaces/ns/persistentvolumeclaims/w-output") == claim);
  CHECK(recorded(api) == std::map<int64_t, std::string>{{1, "1"}, {2, "2"}});
}

TEST_CASE("an object that is being deleted is not written into") {
  MemoryApi api;
  ApiTarget target(api);
  auto job = prepared("1").revision.objects.back();
  job["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  target.client().create(job);
  const auto error =
      error_from([&] { write_workload(target.client(), "w", target.change_to("1")); });
  CHECK(error.kind() == ErrorKind::conflict);
  CHECK_THAT(error.what(), Catch::Contains("job/w-1 is being deleted"));
  CHECK(api.objects.size() == 1);
}

TEST_CASE("A7: of two commands at the same moment one wins, at whatever request they meet") {
  for (const bool replace : {false, true}) {
    int met = 0;
    for (int at = replace ? 2 : 1;; ++at) {  // 1: the second has ended before the first looks
      MemoryApi api;
      ApiTarget first(api);
      ApiTarget second(api);
      std::optional<ErrorKind> of_second;
      bool ran = false;
      api.before = [&](int number) {
        if (number != at) return;
        api.before = {};
        ran = true;
        of_second = outcome(second, "2");
      };
      const auto of_first = outcome(first, "1", replace);
      if (!ran) break;
      ++met;
      CAPTURE(at, replace);
      CHECK(of_first.has_value() != of_second.has_value());
      CHECK(of_first.value_or(ErrorKind::conflict) == ErrorKind::conflict);
      CHECK(of_second.value_or(ErrorKind::conflict) == ErrorKind::conflict);
      CHECK(names(api) == names_of(of_first ? "2" : "1"));
      check_recorded(api);
      CHECK_FALSE(is_marked(anchor_in(api)));
    }
    CHECK(met > 15);
  }
}

TEST_CASE("the loser is told who holds the workload") {
  MemoryApi api;
  ApiTarget first(api);
  ApiTarget second(api);
  std::string told;
  api.before = [&](int) {
    if (names(api).size() != 3) return;
    api.before = {};
    told = error_from([&] { submit(second, prepared("2"), {}); }).what();
  };
  CHECK_FALSE(outcome(first, "1"));
  CHECK_THAT(told, Catch::Contains("another command changes 'w' at this moment") &&
                       Catch::Contains("process"));
}

TEST_CASE("two commands with the same content both succeed, at whatever request they meet") {
  for (int at = 1;; ++at) {
    MemoryApi api;
    ApiTarget first(api);
    ApiTarget second(api);
    bool ran = false;
    api.before = [&](int number) {
      if (number != at) return;
      api.before = {};
      ran = true;
      CHECK_FALSE(outcome(second, "1"));
    };
    CAPTURE(at);
    CHECK_FALSE(outcome(first, "1"));
    CHECK(names(api) == names_of("1"));
    CHECK(recorded(api) == std::map<int64_t, std::string>{{1, "1"}});
    if (!ran) break;
  }
}

TEST_CASE("after kill -9 at any request the same command ends it; another one takes over later") {
  for (const bool upgrade : {false, true}) {
    for (int at = 1;; ++at) {
      MemoryApi api;
      ApiTarget target(api);
      if (upgrade) REQUIRE_FALSE(outcome(target, "1"));
      CAPTURE(at, upgrade);
      if (!killed_after(api, at, [&] { outcome(target, "2", true); })) break;
      const auto broken = api.objects;
      CHECK_FALSE(outcome(target, "2", true));
      CHECK(names(api) == names_of("2"));
      check_recorded(api);
      CHECK_FALSE(is_marked(anchor_in(api)));

      // Another content is not let in while the dead command may still live.
      api.objects = broken;
      if (!api.objects.contains("/api/v1/namespaces/ns/configmaps/w")) continue;
      if (is_marked(anchor_in(api))) {
        CHECK(outcome(target, "3", true) == ErrorKind::conflict);
        CHECK(api.objects == broken);
        auto& mark = api.objects["/api/v1/namespaces/ns/configmaps/w"]["metadata"]["annotations"]
                                ["lotse.dev/writing"];
        auto old = json::parse(mark.get<std::string>());
        old["time"] = "2026-01-01T00:00:00Z";
        mark = old.dump();
      }
      CHECK_FALSE(outcome(target, "3", true));
      CHECK(names(api) == names_of("3"));
      check_recorded(api);
      CHECK_FALSE(is_marked(anchor_in(api)));
    }
  }
}

TEST_CASE("a write that fails half-way leaves nothing behind") {
  const bool upgrade = GENERATE(false, true);
  const std::string fails = GENERATE("/configmaps/w-2-config", "/jobs/w-2",
                                     "/persistentvolumeclaims/w-output", "/services/w");
  const bool carried_out = GENERATE(false, true);  // the connection broke before the answer came
  CAPTURE(upgrade, fails, carried_out);
  if (upgrade && fails.find("w-2") == std::string::npos) return;  // what is there stays
  MemoryApi api;
  ApiTarget target(api);
  if (upgrade) REQUIRE_FALSE(outcome(target, "1"));
  const auto before = api.objects;
  int failed = 0;
  const auto is_it = [&](const std::string& method, const std::string& path) {
    return method == "PATCH" && path.ends_with(fails);
  };
  if (carried_out)
    api.after = [&](int) {
      if (!api.last_write || !is_it(api.last_write->method, api.last_write->path)) return;
      ++failed;
      throw net::TransportError({}, {net::Failure::Stage::exchange, "broke off"});
    };
  else
    api.refuse = [&](const std::string& method, const std::string& path,
                     bool dry_run) -> std::optional<std::pair<int, json>> {
      if (dry_run || !is_it(method, path)) return {};
      ++failed;
      return std::pair(500, json{{"kind", "Status"}, {"message", "broken"}});
    };
  CHECK_THROWS_AS(write_workload(target.client(), "w", target.change_to("2")), Error);
  CHECK(failed == 1);
  CHECK(names(api) == (upgrade ? names_of("1") : std::vector<std::string>{}));
  if (!upgrade) return;
  const auto& anchor = before.at("/api/v1/namespaces/ns/configmaps/w");
  CHECK(anchor_in(api)["data"] == anchor["data"]);
  CHECK(anchor_in(api)["metadata"]["annotations"] == anchor["metadata"]["annotations"]);
}

TEST_CASE("A6 P3: where the server refuses one object of N, none is written, whichever it is") {
  const bool upgrade = GENERATE(false, true);
  const std::string refused =
      GENERATE("/configmaps", "/services", "/jobs", "/persistentvolumeclaims");
  if (upgrade && refused == "/persistentvolumeclaims") return;  // it is there and stays
  CAPTURE(upgrade, refused);
  MemoryApi api;
  ApiTarget target(api);
  if (upgrade) REQUIRE_FALSE(outcome(target, "1"));
  const auto before = api.objects;
  int written = 0;
  api.refuse = [&](const std::string& method, const std::string& path,
                   bool dry_run) -> std::optional<std::pair<int, json>> {
    written += method != "GET" && !dry_run;
    if (method == "GET" || path.find(refused) == std::string::npos) return {};
    return std::pair(422, json{{"kind", "Status"}, {"message", "is invalid"}});
  };
  const auto error =
      error_from([&] { write_workload(target.client(), "w", target.change_to("2")); });
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(written == 0);
  CHECK(api.objects == before);
}

TEST_CASE("a conflict lists the fields of all objects") {
  MemoryApi api;
  ApiTarget target(api);
  REQUIRE_FALSE(outcome(target, "1"));
  const auto before = api.objects;
  api.refuse = [](const std::string& method, const std::string& path,
                  bool) -> std::optional<std::pair<int, json>> {
    const json cause = {{"reason", "FieldManagerConflict"},
                        {"message", "conflict with \"kubectl-set\""},
                        {"field", ".spec.x"}};
    if (method != "PATCH" || path.find("/configmaps/") != std::string::npos) return {};
    return std::pair(409, json{{"kind", "Status"},
                               {"message", "Apply failed with 1 conflict"},
                               {"details", {{"causes", {cause}}}}});
  };
  const auto error =
      error_from([&] { write_workload(target.client(), "w", target.change_to("1")); });
  CHECK(error.kind() == ErrorKind::conflict);
  CHECK_THAT(error.what(), Catch::Contains("service/w: ") && Catch::Contains("job/w-1: ") &&
                               Catch::Contains("\n  kubectl-set: .spec.x"));
  CHECK_THAT(error.hint(), Catch::Contains("--force-conflicts"));
  CHECK(api.objects == before);
}

TEST_CASE("A6 P5: replicas that an autoscaler sets are left to it") {
  const json autoscaler = {{"spec", {{"scaleTargetRef", {{"kind", "Deployment"}, {"name", "w"}}}}}};
  const json wanted = {
      {"kind", "Deployment"}, {"metadata", {{"name", "w"}}}, {"spec", {{"replicas", 1}}}};
  json live = wanted;
  live["spec"]["replicas"] = 3;
  CHECK(without_scaled_replicas(wanted, live, {}) == wanted);
  auto of_another = autoscaler;
  of_another["spec"]["scaleTargetRef"]["name"] = "other";
  CHECK(without_scaled_replicas(wanted, live, {of_another}) == wanted);
  // Ours alone: not to send it would make it 1.
  live["metadata"]["managedFields"] = {
      {{"manager", "lotse"}, {"fieldsV1", {{"f:spec", {{"f:replicas", json::object()}}}}}}};
  CHECK(without_scaled_replicas(wanted, live, {autoscaler})["spec"]["replicas"] == 3);
  live["metadata"]["managedFields"].push_back(
      {{"manager", "kube-controller-manager"},
       {"fieldsV1", {{"f:spec", {{"f:replicas", json::object()}}}}}});
  CHECK_FALSE(without_scaled_replicas(wanted, live, {autoscaler})["spec"].contains("replicas"));
}

TEST_CASE("ConfigMaps of earlier revisions go once nothing mounts them") {
  MemoryApi api;
  ApiTarget target(api);
  REQUIRE_FALSE(outcome(target, "1"));
  auto theirs = made("v1", "ConfigMap", "w-notes");  // of ours by label, but nobody's by owner
  target.client().create(theirs);
  auto job = api.objects.find("/apis/batch/v1/namespaces/ns/jobs/w-1");
  job->second["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  REQUIRE_FALSE(outcome(target, "2"));
  CHECK(api.objects.contains("/api/v1/namespaces/ns/configmaps/w-1-config"));  // its Job is there
  REQUIRE_FALSE(outcome(target, "3", true));  // deletes the Job of 2
  CHECK_FALSE(api.objects.contains("/api/v1/namespaces/ns/configmaps/w-2-config"));
  CHECK(api.objects.contains("/api/v1/namespaces/ns/configmaps/w-1-config"));
  CHECK(api.objects.contains("/api/v1/namespaces/ns/configmaps/w-notes"));
}

TEST_CASE("A7: after kill -9 at any request of a rollback the same command ends it") {
  for (int at = 1;; ++at) {
    MemoryApi api;
    ApiTarget target(api);
    for (const char* content : {"1", "2", "3"}) REQUIRE_FALSE(outcome(target, content, true));
    SubmitOptions options;
    options.replace = true;
    const auto go_back = [&] { submit(target, rollback(target, "w", 0), options); };
    CAPTURE(at);
    if (!killed_after(api, at, go_back)) break;
    const bool begun = is_marked(anchor_in(api));
    const bool done =
        !begun && anchor_in(api)["metadata"]["annotations"]["lotse.dev/number"] == "4";
    if (!done) go_back();
    CHECK(names(api) == names_of("2"));
    CHECK(recorded(api) == std::map<int64_t, std::string>{{1, "1"}, {2, "2"}, {3, "3"}, {4, "2"}});
    check_recorded(api);
    CHECK_FALSE(is_marked(anchor_in(api)));
  }
}

TEST_CASE("ten revisions are kept, and the Jobs of those that go go with them") {
  MemoryApi api;
  ApiTarget target(api);
  for (int i = 1; i <= 12; ++i) {
    REQUIRE_FALSE(outcome(target, std::to_string(100 + i)));
    auto& job = api.objects.at("/apis/batch/v1/namespaces/ns/jobs/w-" + std::to_string(100 + i));
    job["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  }
  const auto contents = recorded(api);
  CHECK(contents.size() == 10);
  CHECK(contents.begin()->first == 3);
  const auto is_there = [&](const char* job) {
    return api.objects.contains(std::string("/apis/batch/v1/namespaces/ns/jobs/") + job);
  };
  CHECK_FALSE(is_there("w-102"));
  CHECK(is_there("w-103"));
}

TEST_CASE("what a revision no longer has is pruned, claims stay") {
  MemoryApi api;
  ApiTarget target(api);
  REQUIRE_FALSE(outcome(target, "1"));
  auto next = prepared("2");
  std::erase_if(next.revision.objects, [](const json& object) {
    return object["kind"] == "Service" || object["kind"] == "PersistentVolumeClaim";
  });
  SubmitOptions options;
  options.replace = true;
  CHECK_FALSE(submit(target, next, options).unchanged);
  CHECK(names(api) == std::vector<std::string>{"ConfigMap/w", "ConfigMap/w-2-config", "Job/w-2",
                                               "PersistentVolumeClaim/w-output"});
}

TEST_CASE("a run is suspended and goes on; nothing is recorded of it") {
  MemoryApi api;
  ApiTarget target(api);
  REQUIRE_FALSE(outcome(target, "1"));
  const auto suspended = [&] {
    return api.objects.at("/apis/batch/v1/namespaces/ns/jobs/w-1")["spec"].value("suspend", false);
  };
  CHECK(apply(target, "w", pause, {}) == Applied::changed);
  CHECK(suspended());
  CHECK(apply(target, "w", pause, {}) == Applied::unchanged);
  CHECK(recorded(api).size() == 1);
}

/// The same with a Deployment in the Job's place.
Prepared deployed(const std::string& content) {
  auto one = prepared(content);
  auto& objects = one.revision.objects;
  auto deployment = made("apps/v1", "Deployment", "w");
  deployment["spec"] = {{"replicas", 1}, {"template", objects.back()["spec"]["template"]}};
  objects.back() = deployment;
  objects.push_back(made("policy/v1", "PodDisruptionBudget", "w"));
  one.revision.template_kind = "service";
  return one;
}

namespace {

/// A server on which `managers` own the replicas of the Deployment w beside Lotse, as they are now.
void refuse_replicas(MemoryApi& api,
                     const std::vector<std::pair<std::string, std::string>>& managers) {
  auto& live = api.objects.at("/apis/apps/v1/namespaces/ns/deployments/w");
  for (const auto& [manager, subresource] : managers)
    live["metadata"]["managedFields"].push_back(
        {{"manager", manager},
         {"subresource", subresource},
         {"fieldsV1", {{"f:spec", {{"f:replicas", json::object()}}}}}});
  live["spec"]["replicas"] = 4;
  api.refuse_request = [](const net::Request& request) -> std::optional<std::pair<int, json>> {
    const json body = json::parse(request.body, nullptr, false);
    const auto& sent = object::at(body, {"spec", "replicas"});
    const bool same = sent.is_null() || sent == 4;
    if (request.method != "PATCH" || object::kind_of(body) != "Deployment" || same ||
        request.url.find("force=true") != std::string::npos)
      return {};
    const json cause = {{"reason", "FieldManagerConflict"},
                        {"message", "conflict with \"kube-controller-manager\""},
                        {"field", ".spec.replicas"}};
    return std::pair(409, json{{"kind", "Status"},
                               {"message", "Apply failed with 1 conflict"},
                               {"details", {{"causes", {cause}}}}});
  };
}

/// deployed, and what scales it.
Prepared scaled(const std::string& content) {
  auto one = deployed(content);
  auto autoscaler = made("autoscaling/v2", "HorizontalPodAutoscaler", "w");
  autoscaler["spec"] = {{"scaleTargetRef", {{"kind", "Deployment"}, {"name", "w"}}}};
  one.revision.objects.push_back(autoscaler);
  return one;
}

Prepared with_replicas(Prepared one, int64_t replicas) {
  for (auto& object : one.revision.objects)
    if (object::kind_of(object) == "Deployment") object["spec"]["replicas"] = replicas;
  return one;
}

}  // namespace

TEST_CASE("replicas that an autoscaler has set are nobody's once it goes; those of others are") {
  MemoryApi api;
  ApiTarget target(api);
  submit(target, scaled("1"), {});
  const auto replicas = [&] {
    return api.objects.at("/apis/apps/v1/namespaces/ns/deployments/w")["spec"]["replicas"];
  };
  SECTION("they are taken, and what scales goes before they are written") {
    refuse_replicas(api, {{"kube-controller-manager", "scale"}});
    std::vector<std::string> written;
    api.after = [&](int) {
      if (api.last_write && api.last_write->path.find("/w-") == std::string::npos)
        written.push_back(api.last_write->method +
                          api.last_write->path.substr(api.last_write->path.find("/ns/") + 3));
    };
    submit(target, with_replicas(deployed("2"), 2), {});
    CHECK(replicas() == 2);
    const auto at = [&](const char* write) {
      return std::find(written.begin(), written.end(), write) - written.begin();
    };
    CHECK(at("DELETE/horizontalpodautoscalers/w") < at("PATCH/deployments/w"));
  }
  SECTION("somebody has set them, too") {
    refuse_replicas(api, {{"kube-controller-manager", "scale"}, {"kubectl", "scale"}});
    const auto before = api.objects;
    CHECK(error_from([&] { submit(target, with_replicas(deployed("2"), 2), {}); }).kind() ==
          ErrorKind::conflict);
    CHECK(api.objects == before);
  }
  SECTION("another autoscaler goes on") {
    auto other = api.objects.at("/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/w");
    other["metadata"]["name"] = "other";
    other["metadata"]["uid"] = "other";
    api.objects["/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/other"] = other;
    refuse_replicas(api, {{"kube-controller-manager", "scale"}});
    submit(target, with_replicas(deployed("2"), 2), {});
    CHECK(replicas() == 4);
  }
}

TEST_CASE("N objects are written in at most 2N + 6 requests, all but the anchor tried first") {
  const bool is_run = GENERATE(true, false);
  const bool with_service = GENERATE(true, false);
  MemoryApi api;
  ApiTarget target(api);
  for (const char* content : {"1", "2", "3"}) {
    auto wanted = is_run ? prepared(content) : deployed(content);
    if (!with_service)
      std::erase_if(wanted.revision.objects,
                    [](const json& object) { return object["kind"] == "Service"; });
    const auto objects = static_cast<int>(wanted.revision.objects.size()) + 2;  // anchor, revision
    int deleted = 0;
    api.after = [&](int) { deleted += api.last_write && api.last_write->method == "DELETE"; };
    api.count = 0;
    submit(target, wanted, {});
    CAPTURE(content, is_run, with_service, objects, deleted);
    const int counted = api.count - 1;  // but the release of the lock
    CHECK(counted <= 2 * (objects + deleted) + 6);
    for (auto& [path, job] : api.objects)
      if (job["kind"] == "Job")
        job["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  }
}

TEST_CASE("what a change leaves as it is is not written") {
  MemoryApi api;
  ApiTarget target(api);
  submit(target, deployed("1"), {});
  std::vector<std::string> written;
  api.after = [&](int) {
    if (api.last_write && api.last_write->method == "PATCH")
      written.push_back(api.last_write->path.substr(api.last_write->path.find("/ns/") + 4));
  };
  submit(target, deployed("2"), {});
  CHECK(written == std::vector<std::string>{"configmaps/w", "secrets/w.r2", "configmaps/w-2-config",
                                            "deployments/w",
                                            "configmaps/w"});  // the lock's release
}

TEST_CASE("what stands alone is written at once, behind the records, and taken back as a whole") {
  MemoryApi api;
  ApiTarget target(api);
  auto first = deployed("1");
  std::erase_if(first.revision.objects,
                [](const json& object) { return object["kind"] == "Service"; });
  submit(target, first, {});
  const auto before = names(api);
  std::vector<std::string> sent;
  api.refuse_request = [&](const net::Request& request) -> std::optional<std::pair<int, json>> {
    if (request.method == "GET" || request.url.find("dryRun") != std::string::npos) return {};
    sent.push_back(request.method + " " + path_in_ns(request));
    if (!sent.back().ends_with("configmaps/w-2-config")) return {};
    return std::pair(500, json{{"kind", "Status"}, {"message", "broken"}});
  };
  const auto error = error_from([&] { submit(target, deployed("2"), {}); });
  CHECK_THAT(error.what(), Catch::Contains("configmap/w-2-config"));
  CHECK(sent == std::vector<std::string>{"PATCH configmaps/w", "PATCH secrets/w.r2",
                                         "PATCH configmaps/w-2-config", "PATCH services/w",
                                         "DELETE services/w", "DELETE secrets/w.r2",
                                         "PATCH configmaps/w"});  // as it was
  CHECK(names(api) == before);
}

TEST_CASE("a rollback of a service looks at it once") {
  MemoryApi api;
  ApiTarget target(api);
  for (const char* content : {"1", "2"}) submit(target, deployed(content), {});
  api.count = 0;
  const auto back = rollback(target, "w", 1);
  const int looks = api.count;
  submit(target, back, {});
  CHECK(looks == 7);       // lists, of the ConfigMaps first
  CHECK(api.count <= 20);  // then four trials, the lock, three writes, one list of ReplicaSets
  CHECK(recorded(api) == std::map<int64_t, std::string>{{1, "1"}, {2, "2"}, {3, "1"}});
}

TEST_CASE("a claim that somebody's pod mounts is no orphan") {
  MemoryApi api;
  ApiTarget target(api);
  Target& cluster = target;
  REQUIRE_FALSE(outcome(target, "1"));
  cluster.remove("w", false);
  CHECK(cluster.orphans().size() == 1);
  auto pod = made("v1", "Pod", "reader");
  pod["spec"]["volumes"] = {{{"persistentVolumeClaim", {{"claimName", "w-output"}}}}};
  target.client().create(pod);
  CHECK(cluster.orphans().empty());
}

TEST_CASE("a record that is damaged is left alone, and its number is not used again") {
  MemoryApi api;
  ApiTarget target(api);
  REQUIRE_FALSE(outcome(target, "1"));
  REQUIRE_FALSE(outcome(target, "2", true));
  auto& damaged = api.objects.at("/api/v1/namespaces/ns/secrets/w.r2");
  damaged["data"]["revision.json"] = "bm8=";
  const json before = damaged;
  REQUIRE_FALSE(outcome(target, "3", true));
  CHECK(api.objects.at("/api/v1/namespaces/ns/secrets/w.r2") == before);
  CHECK(anchor_in(api)["metadata"]["annotations"]["lotse.dev/number"] == "3");
  CHECK(submit(target, rollback(target, "w", 0), {.replace = true}).number == 4);
  CHECK(names(api) == names_of("1"));
}
