// What pods may ask for: the values of templates/shared/pod-values.yaml, alike in every template.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "base/strings.h"
#include "object/pod_security.h"
#include "support/error_from.h"
#include "support/template_workload.h"
#include "template/package.h"

using namespace lotse;
using lotse::test::error_from;
using nlohmann::json;

namespace {

const json gangs = {
    {"capabilities", {{"PodGroup.scheduling.k8s.io", "scheduling.k8s.io/v1beta1"}}}};

/// What a template cannot do without.
tmpl::FlagValues needed(const tmpl::Template& from) {
  const std::map<std::string, json> values = {{"data", "volume:d/data.yaml"},
                                              {"model", "volume:m/best.safetensors"},
                                              {"source", {"volume:p/"}}};
  tmpl::FlagValues flags;
  const auto required = from.schema.value("required", std::vector<std::string>());
  for (const auto& key : required) flags[key] = values.at(key);
  return flags;
}

struct Rendered {
  std::vector<json> objects;
  json of_kind(const std::string& kind) const {
    for (const auto& object : objects)
      if (object["kind"] == kind) return object;
    return nullptr;
  }
  json maker() const { return of_kind("Job").is_null() ? of_kind("Deployment") : of_kind("Job"); }
  json pod() const { return maker()["spec"]["template"]["spec"]; }
  json container() const { return pod()["containers"][0]; }
  json variable(const std::string& name) const {
    const json variables = container()["env"];
    for (const auto& each : variables)
      if (each["name"] == name) return each;
    return nullptr;
  }
};

Rendered render(const tmpl::Template& from, const tmpl::FlagValues& more,
                const json& cluster = tmpl::plain_cluster()) {
  auto flags = needed(from);
  for (const auto& [key, value] : more) flags[key] = value;
  return {tmpl::render(from, tmpl::merge_values(from, {}, flags),
                       test::workload("w", json::array()), cluster)};
}

Rendered render(const std::string& name, const tmpl::FlagValues& more,
                const json& cluster = tmpl::plain_cluster()) {
  return render(tmpl::load_template(name), more, cluster);
}

const json* volume_of(const json& pod, const std::string& name) {
  for (const auto& volume : pod["volumes"])
    if (volume["name"] == name) return &volume;
  return nullptr;
}

}  // namespace

TEST_CASE("what pods may ask for is the same in every template") {
  const json affinity = json::parse(R"({"podAntiAffinity": {"a": 1}})");
  for (const auto& info : tmpl::builtin_templates()) {
    INFO(info.name);
    const auto from = tmpl::load_template(info.name);
    const auto made = render(from, {{"cpu", "2"},
                                    {"memory", "4Gi"},
                                    {"cpu_limit", "4"},
                                    {"memory_limit", "8Gi"},
                                    {"shm", "1Gi"},
                                    {"gpu_resource", "nvidia.com/mig-1g.10gb"},
                                    {"priority", "high"},
                                    {"affinity", affinity},
                                    {"spread", {"kubernetes.io/hostname"}},
                                    {"tolerated", {"nvidia.com/gpu:NoSchedule", "team=vision"}},
                                    {"env", {{"LEVEL", "debug"}}},
                                    {"env_secrets", {"whole", "TOKEN=registry/pass.word"}},
                                    {"mounts", {"emptyDir:s:/scratch"}},
                                    {"labels", {{"team", "vision"}}},
                                    {"annotations", {{"example.com/owner", "me"}}},
                                    {"service_account", "robot"},
                                    {"pull_secrets", {"registry"}}});
    const auto pod = made.pod();
    const auto container = made.container();
    CHECK(container["resources"] == json::parse(R"({
      "requests": {"cpu": "2", "memory": "4Gi"},
      "limits": {"cpu": "4", "memory": "8Gi", "nvidia.com/mig-1g.10gb": "1"}})"));
    CHECK((*volume_of(pod, "shm"))["emptyDir"]["sizeLimit"] == "1Gi");
    CHECK(volume_of(pod, "mount-0")->contains("emptyDir"));
    CHECK(container["volumeMounts"].dump().find(R"("mountPath":"/scratch","name":"mount-0")") !=
          std::string::npos);
    CHECK(pod["priorityClassName"] == "high");
    CHECK(pod["affinity"] == affinity);
    CHECK(pod["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname");
    CHECK(pod["tolerations"] == json::parse(R"([
      {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},
      {"key": "team", "operator": "Equal", "value": "vision"}])"));
    CHECK(pod["serviceAccountName"] == "robot");
    CHECK(pod["automountServiceAccountToken"] == false);
    CHECK(pod["imagePullSecrets"] == json::parse(R"([{"name": "registry"}])"));
    CHECK(container["envFrom"] == json::parse(R"([
      {"configMapRef": {"name": "w-0123abcd-env"}}, {"secretRef": {"name": "whole"}}])"));
    CHECK(made.variable("TOKEN")["valueFrom"]["secretKeyRef"] ==
          json::parse(R"({"name": "registry", "key": "pass.word"})"));
    const auto maker = made.maker();
    for (const auto& metadata : {maker["metadata"], maker["spec"]["template"]["metadata"]}) {
      CHECK(metadata["labels"]["team"] == "vision");
      CHECK(metadata["labels"]["lotse.dev/workload"] == "w");
      CHECK(metadata["annotations"]["example.com/owner"] == "me");
    }
    CHECK(object::restricted_violations(object::pod_template(maker)).empty());
  }
}

TEST_CASE(
    "values that exclude each other: every row of the table refuses its example, naming all") {
  size_t rows = 0;
  for (const auto& info : tmpl::builtin_templates()) {
    const auto from = tmpl::load_template(info.name);
    const auto flags = from.flags();
    const auto table = from.schema.value("x-lotse-excludes", json::array());
    for (const auto& row : table) {
      INFO(info.name << " " << row.dump());
      ++rows;
      tmpl::FlagValues example = needed(from);
      for (const auto& [key, value] : row["example"].items()) example[key] = value;
      const auto refused = error_from([&] { tmpl::merge_values(from, {}, example); });
      REQUIRE(refused.diagnostics().size() == 1);
      const auto said = refused.diagnostics()[0].where + " " + refused.diagnostics()[0].message;
      for (const auto& key : row["values"]) {
        const auto flag = std::find_if(flags.begin(), flags.end(),
                                       [&](const auto& each) { return each.key == key; });
        REQUIRE(flag != flags.end());
        // `workers` only says when --parallelism counts.
        if (key != "workers") CHECK(said.find("--" + flag->name) != std::string::npos);
      }
      CHECK(refused.diagnostics()[0].where ==
            "--" + std::find_if(flags.begin(), flags.end(), [&](const auto& each) {
                     return each.key == row["values"][0];
                   })->name);
      example.erase(row["values"][0]);
      CHECK_NOTHROW(tmpl::merge_values(from, {}, example));
    }
  }
  CHECK(rows > 40);
}

TEST_CASE("an exclusion in a values file is told at its place") {
  const auto job = tmpl::load_template("job");
  const auto file = document::parse_yaml("cpu: 4\ncpu_limit: 500m\n", "v.yaml");
  const auto error = error_from([&] { tmpl::merge_values(job, {file}, {}); });
  CHECK(std::string(error.what()) == "v.yaml:2:12: cpu_limit: is below --cpu");
  CHECK_NOTHROW(tmpl::merge_values(job, {file}, {{"cpu_limit", "4000m"}}));
}

TEST_CASE("--mount: every kind in its parts, and what is none") {
  const auto made =
      render("job", {{"allow_host_path", true},
                     {"mounts",
                      {"claim:my.data:/data:ro", "emptyDir:s:/scratch", "config:c:/etc/c:ro",
                       "secret:s:/etc/s", "image:registry.example:5000/models/m@sha256:ab:/models",
                       "host:/srv/data:/host data:ro"}}});
  CHECK(made.pod()["volumes"] == json::parse(R"([
    {"name": "tmp", "emptyDir": {}},
    {"name": "mount-0", "persistentVolumeClaim": {"claimName": "my.data", "readOnly": true}},
    {"name": "mount-1", "emptyDir": {}},
    {"name": "mount-2", "configMap": {"name": "c"}},
    {"name": "mount-3", "secret": {"secretName": "s"}},
    {"name": "mount-4", "image": {"reference": "registry.example:5000/models/m@sha256:ab",
                                  "pullPolicy": "IfNotPresent"}},
    {"name": "mount-5", "hostPath": {"path": "/srv/data"}}])"));
  CHECK(made.container()["volumeMounts"] == json::parse(R"([
    {"name": "tmp", "mountPath": "/tmp"},
    {"name": "mount-0", "mountPath": "/data", "readOnly": true},
    {"name": "mount-1", "mountPath": "/scratch", "readOnly": false},
    {"name": "mount-2", "mountPath": "/etc/c", "readOnly": true},
    {"name": "mount-3", "mountPath": "/etc/s", "readOnly": false},
    {"name": "mount-4", "mountPath": "/models", "readOnly": true},
    {"name": "mount-5", "mountPath": "/host data", "readOnly": true}])"));
  const auto job = tmpl::load_template("job");
  for (const char* wrong : {"claim:data", "claim:data:data", "claim:Data:/data", "nfs:a:/a",
                            "claim:data:/data:rw", "claim:data:/", "host:srv:/srv", "image::/a"}) {
    INFO(wrong);
    const auto error = error_from([&] { tmpl::merge_values(job, {}, {{"mounts", {wrong}}}); });
    CHECK_THAT(error.what(), Catch::Matchers::StartsWith(base::cat("--mount: ", json(wrong).dump(),
                                                                   " does not have the right")));
  }
}

TEST_CASE("GPUs: a name or a claim asks for one, and a training runs a process for each") {
  const auto of = [](const char* name, const tmpl::FlagValues& more) { return render(name, more); };
  CHECK(of("serve", {{"gpus", 1}}).container()["resources"]["limits"]["nvidia.com/gpu"] == "1");
  CHECK(of("serve", {{"gpus", 1}}).variable("LOTSE_PROCESSES_PER_POD").is_null());
  CHECK(of("train", {}).variable("LOTSE_PROCESSES_PER_POD").is_null());
  const auto four = of("train", {{"gpus", 4}});
  CHECK(four.variable("LOTSE_GPUS")["value"] == "4");
  CHECK(four.variable("LOTSE_PROCESSES_PER_POD")["value"] == "4");
  CHECK(four.container()["resources"]["limits"]["nvidia.com/gpu"] == "4");
  const auto claimed =
      of("train", {{"gpu_claim", "a100.example.com,gpu.example.com"}, {"gpus", 2}});
  CHECK(claimed.of_kind("ResourceClaimTemplate")["spec"]["spec"]["devices"] == json::parse(R"(
    {"requests": [{"name": "gpu", "firstAvailable": [
      {"name": "choice-0", "deviceClassName": "a100.example.com", "count": 2},
      {"name": "choice-1", "deviceClassName": "gpu.example.com", "count": 2}]}]})"));
  CHECK(claimed.pod()["resourceClaims"] ==
        json::parse(R"([{"name": "gpu", "resourceClaimTemplateName": "w-0123abcd-gpu"}])"));
  CHECK(claimed.container()["resources"]["claims"] == json::parse(R"([{"name": "gpu"}])"));
  CHECK_FALSE(claimed.container()["resources"]["limits"].contains("nvidia.com/gpu"));
  CHECK(claimed.variable("LOTSE_PROCESSES_PER_POD")["value"] == "2");
  CHECK(of("infer", {{"gpu_claim", "g"}}).variable("LOTSE_GPUS")["value"] == "1");
  CHECK(of("serve", {{"gpu_type", "NVIDIA-H200"}})
            .container()["resources"]["limits"]["nvidia.com/gpu"] == "1");
  for (const char* one : {"serve", "infer", "val", "export"})
    CHECK_THROWS_WITH(render(one, {{"gpus", 2}}),
                      Catch::Matchers::Contains("--gpus: must be at most 1"));
}

TEST_CASE("a gang is a PodGroup where the cluster has them, and a queue's where one is named") {
  const auto train = tmpl::load_template("train");
  const auto group = [&](const tmpl::FlagValues& more, const json& cluster) {
    const auto made = render(train, more, cluster);
    const auto name = made.pod().value("/schedulingGroup/podGroupName"_json_pointer, "");
    const auto object = made.of_kind("PodGroup");
    CHECK((object.is_null() ? "" : object["metadata"]["name"]) == name);
    return object;
  };
  const auto made = group({{"workers", 4}}, gangs);
  CHECK(made["apiVersion"] == "scheduling.k8s.io/v1beta1");
  CHECK(made["spec"]["schedulingPolicy"]["gang"]["minCount"] == 4);
  CHECK(group({}, gangs).is_null());
  CHECK(group({{"workers", 4}}, tmpl::plain_cluster()).is_null());
  CHECK(group({{"workers", 4}, {"queue", "q"}}, gangs).is_null());
  CHECK(group({{"workers", 4}, {"gang", false}}, gangs).is_null());
  CHECK(render("job", {{"workers", 4}}, gangs).of_kind("PodGroup").is_null());
  CHECK_FALSE(render("job", {{"workers", 4}, {"gang", true}}, gangs).of_kind("PodGroup").is_null());

  const auto looks = [&](const tmpl::FlagValues& more) {
    auto flags = needed(train);
    for (const auto& [key, value] : more) flags[key] = value;
    return tmpl::looks_at_cluster(train, tmpl::merge_values(train, {}, flags),
                                  test::workload("w", json::array()));
  };
  CHECK(looks({{"workers", 2}}));
  CHECK_FALSE(looks({}));
  CHECK_FALSE(looks({{"workers", 2}, {"queue", "q"}}));
}

TEST_CASE("what is Lotse's own is not the user's to set") {
  const auto refused = [](const char* name, const char* key, const json& value) {
    const auto from = tmpl::load_template(name);
    auto flags = needed(from);
    flags[key] = value;
    return std::string(error_from([&] { tmpl::merge_values(from, {}, flags); }).what());
  };
  CHECK(refused("train", "env", {{"LOTSE_WORKERS", "3"}}).find("--env") != std::string::npos);
  CHECK(refused("job", "labels", {{"lotse.dev/workload", "x"}}).find("--label") !=
        std::string::npos);
  CHECK(refused("job", "annotations", {{"lotse.dev/revision", "x"}}).find("--annotation") !=
        std::string::npos);
  CHECK(refused("train", "affinity", {{"podAfinity", json::object()}})
            .find("did you mean podAffinity?") != std::string::npos);
  CHECK_NOTHROW(render("job", {{"env", {{"LOTSE_THREADS", "3"}}}}));
}

TEST_CASE("a service's number of pods: fixed, or an autoscaler's between two ends") {
  for (const char* name : {"serve", "service"}) {
    INFO(name);
    const auto fixed = render(name, {{"replicas", 3}});
    CHECK(fixed.of_kind("HorizontalPodAutoscaler").is_null());
    CHECK(fixed.maker()["spec"]["replicas"] == 3);
    const auto scaled = render(name, {{"min", 2},
                                      {"max", 9},
                                      {"target", {"cpu=60", "memory=70%", "in_flight=4.5"}},
                                      {"scale_down_after", 60},
                                      {"tolerance", "0.05"}});
    CHECK(scaled.maker()["spec"]["replicas"] == 2);
    CHECK_FALSE(scaled.of_kind("PodDisruptionBudget").is_null());
    const auto autoscaler = scaled.of_kind("HorizontalPodAutoscaler");
    CHECK(autoscaler["spec"] == json::parse(R"({
      "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "w"},
      "minReplicas": 2, "maxReplicas": 9,
      "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}},
        {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}}},
        {"type": "Pods", "pods": {"metric": {"name": "in_flight"}, "target": {"type": "AverageValue", "averageValue": "4.5"}}}],
      "behavior": {"scaleUp": {"stabilizationWindowSeconds": 0, "tolerance": "0.05"},
                   "scaleDown": {"stabilizationWindowSeconds": 60, "tolerance": "0.05"}}})"));
    CHECK(render(name, {{"max", 2}})
              .of_kind("HorizontalPodAutoscaler")["spec"]["metrics"][0]["resource"]["target"]
                                                 ["averageUtilization"] == 80);
  }
}

TEST_CASE("a service's pods are on different nodes, and go one at a time") {
  for (const char* name : {"serve", "service"}) {
    INFO(name);
    const auto made = render(name, {});
    CHECK(made.of_kind("PodDisruptionBudget")["spec"] == json::parse(R"({
      "maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow",
      "selector": {"matchLabels": {"lotse.dev/workload": "w"}}})"));
    CHECK(made.pod()["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname");
    CHECK(made.maker()["spec"]["strategy"]["rollingUpdate"] ==
          json({{"maxUnavailable", 0}, {"maxSurge", 1}}));
    CHECK(render(name, {{"surge", 0}}).maker()["spec"]["strategy"]["rollingUpdate"] ==
          json({{"maxUnavailable", 1}, {"maxSurge", 0}}));
  }
  CHECK(render("service", {{"startup_seconds", 900}}).maker()["spec"]["progressDeadlineSeconds"] ==
        1200);
}

TEST_CASE("the time to stop is longer than what the drain takes") {
  const auto grace = [](const char* name, const tmpl::FlagValues& more) {
    return render(name, more).pod()["terminationGracePeriodSeconds"];
  };
  CHECK(grace("serve", {{"drain_seconds", 12.5}}) == 43);
  CHECK(grace("serve", {{"drain_seconds", 12.5}, {"grace", 14}}) == 14);
  CHECK(grace("service", {{"drain_seconds", 12}, {"grace", 5}}) == 17);  // preStop counts in it
}
