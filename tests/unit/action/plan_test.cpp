// What plan says, against an API server in memory; the real one is asked in the cluster case
// `revisions`.
#include "action/plan.h"

#include <catch2/catch.hpp>

#include "action/claims.h"
#include "action/manage.h"
#include "action/room.h"
#include "support/api_target.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::action;
using release::Fate;
using test::error_from;
using test::MemoryApi;

namespace {

using Answer = std::optional<std::pair<int, json>>;

/// Answers access reviews.
auto with_rights(bool allowed) {
  return [allowed](const std::string& method, const std::string& path, bool) -> Answer {
    if (method != "POST" || !path.ends_with("selfsubjectaccessreviews")) return {};
    return std::pair(201, json{{"status", {{"allowed", allowed}}}});
  };
}

Prepared service(int replicas, const std::string& image, const json& volumes = json::array()) {
  const json labels = {{"app.kubernetes.io/managed-by", "lotse"}, {"lotse.dev/workload", "w"}};
  json deployment = {
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", {{"name", "w"}, {"namespace", "ns"}, {"labels", labels}}},
      {"spec",
       {{"replicas", replicas},
        {"template",
         {{"spec",
           {{"volumes", volumes}, {"containers", {{{"name", "main"}, {"image", image}}}}}}}}}}};
  Prepared one{"w", "ns", {}, {}};
  one.revision.content = "0000000" + image;
  one.revision.cause = "apply";
  one.revision.template_name = "serve";
  one.revision.template_kind = "service";
  one.revision.values = {{"replicas", replicas}};
  one.revision.objects = {deployment};
  return one;
}

const release::ObjectChange& change_of(const Plan& plan, const std::string& object) {
  for (const auto& change : plan.changes)
    if (change.object == object) return change;
  FAIL("the plan has no " + object);
  return plan.changes.front();
}

}  // namespace

TEST_CASE("a plan says what would be made and changed, field by field, and writes nothing") {
  MemoryApi api;
  api.refuse = with_rights(true);
  const auto target = test::make_api_target(api);
  const auto first = plan(*target, service(1, "a"), {});
  CHECK(api.objects.empty());
  CHECK(first.number == 1);
  CHECK(first.changes_something());
  CHECK(change_of(first, "deployment/w").fate == Fate::made);

  REQUIRE_FALSE(submit(*target, service(1, "a"), {}).unchanged);
  CHECK(submit(*target, service(1, "a"), {}).unchanged);
  CHECK_FALSE(plan(*target, service(1, "a"), {}).changes_something());

  const auto before = api.objects;
  const auto second = plan(*target, service(3, "b"), {});
  CHECK(api.objects == before);
  CHECK(second.number == 2);
  const auto& change = change_of(second, "deployment/w");
  CHECK(change.fate == Fate::changed);
  REQUIRE(change.fields.size() == 2);
  CHECK(change.fields[0].path == "spec.replicas");
  CHECK(change.fields[1].path == "spec.template.spec.containers[main].image");
}

TEST_CASE("a right that is missing makes a plan impossible") {
  MemoryApi api;
  api.refuse = with_rights(false);
  const auto target = test::make_api_target(api);
  const auto made = plan(*target, service(1, "a"), {});
  REQUIRE(made.impossible());
  CHECK(made.obstacles[0].code.kind().code == "RightMissing");
  CHECK_THAT(made.obstacles[0].text, Catch::Contains("create deployments.apps"));
}

TEST_CASE("what the server refuses makes a plan impossible, in the server's words") {
  MemoryApi api;
  const auto rights = with_rights(true);
  api.refuse = [&](const std::string& method, const std::string& path, bool dry_run) -> Answer {
    if (dry_run && path.ends_with("deployments/w"))
      return std::pair(422, json{{"kind", "Status"}, {"code", 422}, {"message", "spec is wrong"}});
    return rights(method, path, dry_run);
  };
  const auto target = test::make_api_target(api);
  const auto made = plan(*target, service(1, "a"), {});
  REQUIRE(made.impossible());
  CHECK(made.obstacles[0].code.kind().code == "SpecInvalid");
  CHECK_THAT(made.obstacles[0].text, Catch::Contains("spec is wrong"));
  CHECK(api.objects.empty());
}

TEST_CASE(
    "an object is tried as it is written: what applying alone refuses comes before any write") {
  MemoryApi api;
  const auto rights = with_rights(true);
  const std::string words =
      "failed to create typed patch object (ns/w; apps/v1, Kind=Deployment): "
      ".spec.template.spec.containers[name=\"main\"].env: duplicate entries for key [name=\"A\"]";
  api.refuse = [&](const std::string& method, const std::string& path, bool dry_run) -> Answer {
    if (method == "PATCH" && path.ends_with("deployments/w"))
      return std::pair(500, json{{"kind", "Status"}, {"code", 500}, {"message", words}});
    return rights(method, path, dry_run);
  };
  const auto target = test::make_api_target(api);
  const auto made = plan(*target, service(1, "a"), {});
  REQUIRE(made.impossible());
  CHECK(made.obstacles[0].code.kind().code == "SpecInvalid");
  CHECK(made.obstacles[0].text == "deployment/w: " + words);
  const auto error = error_from([&] { submit(*target, service(1, "a"), {}); });
  CHECK(error.kind() == base::ErrorKind::invalid);
  CHECK_FALSE(api.last_write);
  CHECK(api.objects.empty());
}

TEST_CASE(
    "an object of another workload is named as such, whatever the server says of its fields") {
  for (const int answered : {200, 409, 422}) {
    MemoryApi api;
    const auto rights = with_rights(true);
    auto theirs = service(1, "a").revision.objects[0];
    theirs["metadata"]["labels"]["lotse.dev/workload"] = "other";
    api.objects["/apis/apps/v1/namespaces/ns/deployments/w"] = theirs;
    api.refuse = [&](const std::string& method, const std::string& path, bool dry_run) -> Answer {
      if (answered != 200 && method == "PATCH" && dry_run && path.ends_with("deployments/w"))
        return std::pair(answered, json{{"kind", "Status"}, {"message", "field is immutable"}});
      return rights(method, path, dry_run);
    };
    const auto target = test::make_api_target(api);
    const auto error = error_from([&] { submit(*target, service(1, "a"), {}); });
    CHECK(error.kind() == base::ErrorKind::conflict);
    CHECK(error.what() == std::string("deployment/w belongs to the workload 'other'"));
    CHECK_FALSE(api.last_write);
  }
}

TEST_CASE("who may not even look at the workload is told what they lack by plan") {
  MemoryApi api;
  const auto rights = with_rights(false);
  api.refuse = [&](const std::string& method, const std::string& path, bool dry_run) -> Answer {
    if (method == "GET" && path.ends_with("/secrets"))
      return std::pair(
          403,
          json{{"kind", "Status"},
               {"message", "secrets is forbidden: User \"u\" cannot list resource \"secrets\""}});
    return rights(method, path, dry_run);
  };
  const auto target = test::make_api_target(api);
  const auto made = plan(*target, service(1, "a"), {});
  REQUIRE(made.obstacles.size() == 2);
  CHECK(made.impossible());
  for (const auto& each : made.obstacles) CHECK(each.code.kind().code == "RightMissing");
  CHECK_THAT(made.obstacles[0].text, Catch::Contains("create deployments.apps"));
  CHECK_THAT(made.obstacles[1].text, Catch::Contains("cannot list resource \"secrets\""));
}

TEST_CASE("what pods name and is not there is a warning") {
  MemoryApi api;
  api.refuse = with_rights(true);
  const auto target = test::make_api_target(api);
  const auto made =
      plan(*target,
           service(1, "a",
                   {{{"name", "s"}, {"secret", {{"secretName", "gone"}}}},
                    {{"name", "o"}, {"secret", {{"secretName", "o"}, {"optional", true}}}},
                    {{"name", "c"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}}),
           {});
  CHECK_FALSE(made.impossible());
  std::vector<std::string> codes;
  for (const auto& obstacle : made.obstacles) codes.emplace_back(obstacle.code.kind().code);
  CHECK(codes == std::vector<std::string>{"ClaimMissing", "SecretMissing", "NoNodeFits"});
}

TEST_CASE("keys, classes and queues that are named and not there are warnings, too") {
  MemoryApi api;
  api.refuse = with_rights(true);
  api.objects["/api/v1/nodes/n"] = {{"kind", "Node"},
                                    {"metadata", {{"name", "n"}, {"uid", "n"}}},
                                    {"status", {{"allocatable", {{"pods", "10"}}}}}};
  api.objects["/api/v1/namespaces/ns/secrets/token"] = {
      {"metadata", {{"name", "token"}, {"uid", "s"}}}, {"data", {{"there", ""}}}};
  auto wanted = service(
      1, "a",
      {{{"name", "s"},
        {"secret",
         {{"secretName", "token"},
          {"items", {{{"key", "there"}, {"path", "a"}}, {{"key", "lost"}, {"path", "b"}}}}}}}});
  auto& objects = wanted.revision.objects;
  objects[0]["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = "team-q";
  auto& spec = objects[0]["spec"]["template"]["spec"];
  spec["priorityClassName"] = "high";
  const auto from = [](const char* key) {
    return json{{"name", key},
                {"valueFrom", {{"secretKeyRef", {{"name", "token"}, {"key", key}}}}}};
  };
  spec["containers"][0]["env"] = {from("there"), from("gone")};
  const auto claim_template = [](const json& request) {
    return json{{"apiVersion", "resource.k8s.io/v1"},
                {"kind", "ResourceClaimTemplate"},
                {"metadata", {{"name", "gpu"}, {"namespace", "ns"}}},
                {"spec", {{"spec", {{"devices", {{"requests", {request}}}}}}}}};
  };
  objects.push_back(claim_template(
      {{"firstAvailable", {{{"deviceClassName", "a100"}}, {{"deviceClassName", "any"}}}}}));
  api.objects["/apis/resource.k8s.io/v1/deviceclasses/any"] = {
      {"metadata", {{"name", "any"}, {"uid", "d"}}}};
  const auto said = [&] {
    const auto target = test::make_api_target(api);
    const auto made = plan(*target, wanted, {});
    CHECK_FALSE(made.impossible());
    std::string all;
    for (const auto& each : made.obstacles)
      all += std::string(each.code.kind().code) + ": " + each.text + "\n";
    return all;
  };
  CHECK(said() ==
        "SecretMissing: secret/token, which the pods of deployment/w name, has no key gone\n"
        "SecretMissing: secret/token, which the pods of deployment/w name, has no key lost\n"
        "PriorityClassMissing: priorityclass/high, which the pods of deployment/w name, is not "
        "there\n"
        "QueueUnavailable: localqueue/team-q, which deployment/w names, is not there\n"
        "DeviceClassMissing: deviceclass/a100, which resourceclaimtemplate/gpu names, is not "
        "there\n");
  api.objects["/apis/kueue.x-k8s.io/v1beta1/namespaces/ns/localqueues/team-q"] = {
      {"metadata", {{"name", "team-q"}, {"uid", "q"}}}};
  CHECK(said().find("QueueUnavailable") == std::string::npos);
}

TEST_CASE(
    "a claim that cannot be mounted by all pods of a run is told before anything is written") {
  const auto run = [](int64_t workers, const json& more) {
    auto one = service(1, "a");
    json spec = {
        {"volumes",
         {{{"name", "c"}, {"persistentVolumeClaim", {{"claimName", "data"}, {"readOnly", true}}}}}},
        {"containers", {{{"name", "main"}, {"image", "a"}}}}};
    spec.update(more);
    one.revision.template_kind = "job";
    one.revision.objects[0]["kind"] = "Job";
    one.revision.objects[0]["apiVersion"] = "batch/v1";
    one.revision.objects[0]["spec"] = {
        {"parallelism", workers}, {"completions", workers}, {"template", {{"spec", spec}}}};
    return one;
  };
  const json term = {{"topologyKey", "kubernetes.io/hostname"}};
  const json together = {
      {"affinity",
       {{"podAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", {term}}}}}}};
  struct Row {
    json modes;
    int64_t workers;
    json more;
    bool fits;
  };
  const json none = json::object();
  for (const auto& [modes, workers, more, fits] : std::vector<Row>{
           {{"ReadWriteOnce"}, 1, none, true},
           {{"ReadWriteOnce"}, 4, none, false},
           {{"ReadWriteOnce"}, 4, together, true},
           {{"ReadWriteOnce"}, 4, {{"nodeSelector", {{"kubernetes.io/hostname", "n"}}}}, true},
           {{"ReadWriteOncePod"}, 4, together, false},
           {{"ReadOnlyMany"}, 4, none, true},
           {{"ReadWriteOnce", "ReadWriteMany"}, 4, none, true},
           {json::array(), 4, none, true}}) {
    INFO(modes.dump() << workers << more.dump());
    MemoryApi api;
    api.refuse = with_rights(true);
    const std::string path = "/api/v1/namespaces/ns/persistentvolumeclaims/data";
    api.objects[path] = {{"apiVersion", "v1"},
                         {"kind", "PersistentVolumeClaim"},
                         {"metadata", {{"name", "data"}, {"namespace", "ns"}, {"uid", "u"}}},
                         {"spec", {{"accessModes", modes}}}};
    const auto target = test::make_api_target(api);
    const auto wanted = run(workers, more);
    const auto made = plan(*target, wanted, {});
    CHECK(made.impossible() == !fits);
    if (fits) continue;
    CHECK(made.obstacles[0].code.kind().code == "ClaimOutOfReach");
    const auto refused = error_from([&] { submit(*target, wanted, {}); });
    CHECK(refused.kind() == base::ErrorKind::invalid);
    CHECK_THAT(refused.what(), Catch::Contains("claim 'data' is ReadWriteOnce"));
    CHECK(api.objects.size() == 1);
  }
}

TEST_CASE("a service of several pods needs a claim that all of them can mount") {
  const json claim = {{"metadata", {{"name", "data"}}},
                      {"spec", {{"accessModes", {"ReadWriteOnce"}}}}};
  const json mounts = {{{"name", "c"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}};
  const auto why = [&](const Prepared& one) {
    const auto& objects = one.revision.objects;
    return why_out_of_reach(objects[0], most_pods(objects[0], objects), claim).value_or("");
  };
  CHECK(why(service(1, "a", mounts)) == "");
  CHECK(why(service(3, "a", mounts)) ==
        "claim 'data' is ReadWriteOnce: pods on one node alone can mount it, and deployment/w has "
        "3");
  auto scaled = service(1, "a", mounts);
  scaled.revision.objects.push_back(
      {{"kind", "HorizontalPodAutoscaler"},
       {"spec",
        {{"maxReplicas", 9}, {"scaleTargetRef", {{"kind", "Deployment"}, {"name", "w"}}}}}});
  CHECK_THAT(why(scaled), Catch::EndsWith("deployment/w has 9"));
  auto scheduled = service(1, "a", mounts);
  scheduled.revision.objects[0]["metadata"]["annotations"] = {
      {"lotse.dev/schedule", "weekdays 07:00-09:30 = 20; else 3"}};
  CHECK_THAT(why(scheduled), Catch::EndsWith("deployment/w has 20"));
  auto together = service(3, "a", mounts);
  together.revision.objects[0]["spec"]["template"]["spec"]["nodeSelector"] = {
      {"kubernetes.io/hostname", "n"}};
  CHECK(why(together) == "");

  MemoryApi api;
  api.objects["/api/v1/namespaces/ns/persistentvolumeclaims/data"] = claim;
  const auto target = test::make_api_target(api);
  api.refuse = with_rights(true);
  const auto made = plan(*target, service(3, "a", mounts), {});
  CHECK_FALSE(made.impossible());
  CHECK(std::any_of(made.obstacles.begin(), made.obstacles.end(), [](const Obstacle& each) {
    return each.code.kind().code == std::string_view("ClaimOutOfReach");
  }));
  CHECK_NOTHROW(submit(*target, service(3, "a", mounts), {}));
}

TEST_CASE("a service is scaled and rolled back, and each is a revision") {
  MemoryApi api;
  const auto target = test::make_api_target(api);
  submit(*target, service(1, "a"), {});
  const auto replicas = [&] {
    return api.objects.at("/apis/apps/v1/namespaces/ns/deployments/w")["spec"]["replicas"];
  };
  CHECK(submit(*target, scale(*target, "w", 4), {}).number == 2);
  CHECK(replicas() == 4);
  const auto known = look_up(*target, "w").history;
  CHECK(known.current == 2);
  CHECK(known.revisions.back().cause == "scale to 4");
  CHECK(known.revisions.back().values["replicas"] == 4);
  CHECK(submit(*target, rollback(*target, "w", 0), {}).number == 3);
  CHECK(replicas() == 1);
  CHECK(test::error_from([&] { rollback(*target, "w", 9); }).kind() == base::ErrorKind::invalid);
  CHECK(test::error_from([&] { rerun(*target, "w"); }).kind() == base::ErrorKind::invalid);

  CHECK(apply(*target, "w", pause, {}) == Applied::changed);
  CHECK(replicas() == 0);
  CHECK(apply(*target, "w", resume, {}) == Applied::changed);
  CHECK(replicas() == 1);
  CHECK(look_up(*target, "w").history.revisions.size() == 3);
}

namespace {

/// A registry that has three images: `there` for two architectures, `arm` for one, `weights` for
/// any.
class ThreeImages : public test::Nowhere {
 public:
  net::Response send(const net::Request& request) override {
    const auto has = [&](const char* path) { return request.url.ends_with(path); };
    const auto index = [](const std::vector<std::string>& architectures) {
      json manifests = json::array();
      for (const auto& each : architectures)
        manifests.push_back({{"platform", {{"os", "linux"}, {"architecture", each}}}});
      return net::Response{200, {}, json{{"manifests", manifests}}.dump()};
    };
    if (has("/v2/there/manifests/1")) return index({"amd64", "arm64"});
    if (has("/v2/arm/manifests/1")) return index({"arm64"});
    if (has("/v2/weights/manifests/1")) return index({});
    if (has("/v2/closed/manifests/1")) return {401, {}, ""};
    return {404, {}, "{}"};
  }
};

json node() {
  return {{"kind", "Node"},
          {"metadata", {{"name", "n"}, {"uid", "n"}, {"labels", json::object()}}},
          {"status",
           {{"nodeInfo", {{"architecture", "amd64"}}},
            {"allocatable", {{"cpu", "4"}, {"pods", "10"}}},
            {"images", {{{"names", {"r.example/loaded:1"}}}}}}}};
}

/// What the plan of a service with such an image says of images: "CODE: text", notes last.
std::string said_of(const std::string& image, bool with_nodes = true,
                    const json& volumes = json::array()) {
  MemoryApi api;
  const auto rights = with_rights(true);
  api.refuse = [&](const std::string& method, const std::string& path, bool dry_run) -> Answer {
    if (!with_nodes && path == "/api/v1/nodes")
      return std::pair(403, json{{"kind", "Status"}, {"code", 403}, {"message", "no"}});
    return rights(method, path, dry_run);
  };
  api.objects["/api/v1/nodes/n"] = node();
  const auto target = test::make_api_target(api, [] { return std::make_unique<ThreeImages>(); });
  const auto made = plan(*target, service(1, image, volumes), {});
  std::string said;
  for (const auto& obstacle : made.obstacles)
    said += std::string(obstacle.code.kind().code) + (obstacle.impossible ? "!" : "") + ": " +
            obstacle.text + "\n";
  for (const auto& note : made.notes)
    if (note.starts_with("image")) said += note + "\n";
  return said;
}

}  // namespace

TEST_CASE("a plan asks the registry whether an image is there, and for the nodes") {
  CHECK(said_of("r.example/there:1") == "");
  CHECK(said_of("r.example/loaded:1") == "");  // a node has it, whatever the registry says
  CHECK(said_of("r.example/gone:1") ==
        "ImageMissing: the registry does not have the image r.example/gone:1 of deployment/w\n");
  CHECK(said_of("r.example/arm:1") ==
        "ImageArchitecture: the image r.example/arm:1 of deployment/w is for arm64, and the nodes "
        "are amd64\n");
  CHECK(said_of("r.example/arm:1", false) == "");  // nobody knows the nodes
  CHECK(said_of("Not//A:Name") ==
        "ImageNameInvalid!: 'Not//A:Name' of deployment/w is no name of an image\n");
  CHECK(said_of("r.example/closed:1") ==
        "image not checked: r.example/closed:1: r.example wants credentials\n");
}

TEST_CASE("of the images of a node those that are asked for are kept") {
  MemoryApi api;
  auto its = node();
  its["status"]["images"].push_back({{"names", {"r.example/other@sha256:0", "r.example/other:1"}}});
  api.objects["/api/v1/nodes/n"] = its;
  const auto target = test::make_api_target(api);
  const auto images = [&](const std::set<std::string>& asked) {
    return nodes_of(target->cluster()->client(), asked).at(0)["status"].value("images", json());
  };
  CHECK(images({"r.example/other:1"}) == json::array({its["status"]["images"][1]}));
  CHECK(images({"r.example/none:1"}) == json::array());
  CHECK(images({}).is_null());
}

TEST_CASE("a plan asks the registry for images that are volumes, too") {
  const auto mounting = [](const std::string& image, const std::string& policy = "IfNotPresent") {
    const json volume = {{"name", "model"},
                         {"image", {{"reference", image}, {"pullPolicy", policy}}}};
    return said_of("r.example/there:1", true, {volume, {{"name", "none"}, {"image", {}}}});
  };
  CHECK(mounting("r.example/there:1") == "");
  CHECK(mounting("r.example/weights:1") == "");  // for any architecture
  CHECK(mounting("r.example/loaded:1") == "");
  CHECK(mounting("r.example/loaded:1", "Always") ==
        "ImageMissing: the registry does not have the image r.example/loaded:1 of volume model of "
        "deployment/w\n");
  CHECK(mounting("r.example/gone:1", "Never") == "");
  CHECK(mounting("r.example/arm:1") ==
        "ImageArchitecture: the image r.example/arm:1 of volume model of deployment/w is for "
        "arm64, and the nodes are amd64\n");
  CHECK(mounting("r.example/closed:1") ==
        "image not checked: r.example/closed:1: r.example wants credentials\n");
}

TEST_CASE("a run that Kueue queues is stopped and started through its Workload of Kueue") {
  MemoryApi api;
  const auto target = test::make_api_target(api);
  auto run = service(1, "a");
  run.revision.template_kind = "job";
  run.revision.objects[0]["kind"] = "Job";
  run.revision.objects[0]["apiVersion"] = "batch/v1";
  run.revision.objects[0]["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = "team-q";
  run.revision.objects[0]["spec"]["suspend"] = true;
  submit(*target, run, {});
  const auto error = test::error_from([&] { set_running(*target, "w", false, {}); });
  CHECK(error.kind() == base::ErrorKind::invalid);
  CHECK_THAT(error.what(), Catch::Contains("no Kueue"));

  const auto& job = api.objects.at("/apis/batch/v1/namespaces/ns/jobs/w");
  const std::string path = "/apis/kueue.x-k8s.io/v1beta2/namespaces/ns/workloads/job-w";
  api.objects[path] = {
      {"apiVersion", "kueue.x-k8s.io/v1beta2"},
      {"kind", "Workload"},
      {"metadata",
       {{"name", "job-w"},
        {"uid", "k"},
        {"labels", {{"kueue.x-k8s.io/job-uid", job["metadata"]["uid"]}}},
        {"ownerReferences", {{{"kind", "Job"}, {"name", "w"}, {"uid", job["metadata"]["uid"]}}}}}},
      {"spec", {{"active", true}}}};
  const auto kueue_workload = api.objects[path];
  const auto preview = preview_running(*target, "w", false, {});
  REQUIRE(preview.size() == 1);
  CHECK(preview[0].object == "workload/job-w");
  REQUIRE(preview[0].fields.size() == 1);
  CHECK(preview[0].fields[0].path == "spec.active");
  CHECK(api.objects[path]["spec"]["active"] == true);

  CHECK(set_running(*target, "w", false, {}) == Applied::changed);
  CHECK(api.objects[path]["spec"]["active"] == false);
  CHECK(set_running(*target, "w", false, {}) == Applied::unchanged);
  const auto uid = job["metadata"]["uid"];
  submit(*target, rerun(*target, "w"), {.rerun = true});  // it is stopped, so it is made anew
  CHECK(api.objects.at("/apis/batch/v1/namespaces/ns/jobs/w")["metadata"]["uid"] != uid);
  CHECK_FALSE(api.objects.contains(path));

  auto again = kueue_workload;
  again["metadata"]["ownerReferences"][0]["uid"] =
      again["metadata"]["labels"]["kueue.x-k8s.io/job-uid"] =
          api.objects.at("/apis/batch/v1/namespaces/ns/jobs/w")["metadata"]["uid"];
  again["spec"]["active"] = false;
  api.objects[path] = again;
  CHECK(set_running(*target, "w", true, {}) == Applied::changed);
  CHECK(api.objects[path]["spec"]["active"] == true);
  CHECK(submit(*target, rerun(*target, "w"), {.rerun = true}).attached);

  // What Kueue has admitted is not suspended by what is applied again.
  auto& admitted = api.objects["/apis/batch/v1/namespaces/ns/jobs/w"];
  admitted["spec"]["suspend"] = false;
  apply(*target, "w", resume, {});
  CHECK(admitted["spec"]["suspend"] == true);  // nobody else has said anything of it
  admitted["spec"]["suspend"] = false;
  admitted["metadata"]["managedFields"] = {
      {{"manager", "kueue"}, {"fieldsV1", {{"f:spec", {{"f:suspend", json::object()}}}}}}};
  apply(*target, "w", resume, {});
  CHECK(admitted["spec"]["suspend"] == false);
}
