// How many pods a service has, and who finds its figures: schedules, scaling to nothing,
// Prometheus.
#include <catch2/catch.hpp>
#include <map>

#include "object/api_check.h"
#include "object/pod_security.h"
#include "support/error_from.h"
#include "support/template_workload.h"
#include "template/package.h"

using namespace lotse;
using lotse::test::error_from;
using nlohmann::json;

namespace {

tmpl::FlagValues with(const std::string& name, tmpl::FlagValues flags) {
  if (name == "serve") flags["model"] = "yolo26n";
  if (name == "service" && flags.contains("schedule"))
    flags.emplace("schedule_image", "registry.example/lotse:1");
  return flags;
}

std::vector<json> rendered(const std::string& name, const tmpl::FlagValues& flags,
                           const json& cluster = tmpl::plain_cluster()) {
  const auto from = tmpl::load_template(name);
  return tmpl::render(from, tmpl::merge_values(from, {}, with(name, flags)),
                      test::workload("w", json::array()), cluster);
}

std::vector<json> of_kind(const std::vector<json>& objects, const std::string& kind) {
  std::vector<json> found;
  for (const auto& object : objects)
    if (object["kind"] == kind) found.push_back(object);
  return found;
}

json one(const std::vector<json>& objects, const std::string& kind) {
  const auto found = of_kind(objects, kind);
  INFO(kind);
  REQUIRE(found.size() == 1);
  return found[0];
}

/// "WHERE: message" of each mistake.
std::string refused(const std::string& name, const tmpl::FlagValues& flags) {
  const auto from = tmpl::load_template(name);
  std::string said;
  const auto error = error_from([&] { tmpl::merge_values(from, {}, with(name, flags)); });
  for (const auto& each : error.diagnostics()) said += each.where + ": " + each.message + "\n";
  return said;
}

constexpr auto rush_hour = "weekdays 07:00-09:30 = 20; else 3";
const json annotated = {{"lotse.dev/schedule", rush_hour},
                        {"lotse.dev/time-zone", "Europe/Berlin"}};

}  // namespace

TEST_CASE("a schedule becomes CronJobs that may patch the scale of one Deployment") {
  for (const std::string name : {"serve", "service"}) {
    INFO(name);
    const auto objects = rendered(name, {{"schedule", rush_hour}, {"time_zone", "Europe/Berlin"}});
    const auto jobs = of_kind(objects, "CronJob");
    REQUIRE(jobs.size() == 2);
    const std::vector<std::pair<std::string, std::string>> wanted = {{"30 9 * * 1-5", "3"},
                                                                     {"0 7 * * 1-5", "20"}};
    for (size_t i = 0; i < 2; ++i) {
      const json& spec = jobs[i]["spec"];
      CHECK(jobs[i]["metadata"]["name"] == "w-schedule-" + std::to_string(i + 1));
      CHECK(spec["schedule"] == wanted[i].first);
      CHECK(spec["timeZone"] == "Europe/Berlin");
      CHECK(spec["startingDeadlineSeconds"] == (i == 0 ? 77400 : 9000));
      const json& pod = spec["jobTemplate"]["spec"]["template"];
      const json& container = pod["spec"]["containers"][0];
      CHECK(container["image"] ==
            (name == "serve" ? "registry.example/lotse-runner:1" : "registry.example/lotse:1"));
      CHECK(container["command"] == json({"/bin/lotse"}));
      CHECK(container["args"] == json({"scale", "w", "--replicas", wanted[i].second, "--unrecorded",
                                       "--on", "in-cluster"}));
      CHECK(pod["spec"]["serviceAccountName"] == "w-schedule");
      // The Service would send callers to a pod with the workload's label.
      CHECK_FALSE(pod["metadata"]["labels"].contains("lotse.dev/workload"));
      CHECK(object::restricted_violations(object::pod_template(jobs[i])).empty());
      CHECK(object::check_api(jobs[i]).problems.empty());
    }
    CHECK(one(objects, "Role")["rules"] == json::parse(R"([{"apiGroups": ["apps"],
      "resources": ["deployments/scale"], "resourceNames": ["w"], "verbs": ["patch"]}])"));
    CHECK(one(objects, "RoleBinding")["subjects"][0]["name"] == "w-schedule");
    CHECK(one(objects, "RoleBinding")["roleRef"]["name"] == "w-schedule");
    CHECK(one(objects, "ServiceAccount")["metadata"]["name"] == "w-schedule");
    CHECK(one(objects, "Deployment")["metadata"]["annotations"] == annotated);
    CHECK(rendered(name, {}).size() + 5 == objects.size());
  }
}

TEST_CASE("where there is an autoscaler a schedule sets its least number") {
  const auto objects = rendered(
      "serve", {{"schedule", rush_hour}, {"time_zone", "Europe/Berlin"}, {"min", 2}, {"max", 30}});
  CHECK(one(objects, "Role")["rules"] == json::parse(R"([{"apiGroups": ["autoscaling"],
    "resources": ["horizontalpodautoscalers"], "resourceNames": ["w"], "verbs": ["patch"]}])"));
  const auto jobs = of_kind(objects, "CronJob");
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"][2] ==
        "--min");
  CHECK(one(objects, "HorizontalPodAutoscaler")["metadata"]["annotations"] == annotated);
  CHECK_FALSE(one(objects, "Deployment")["metadata"].contains("annotations"));
  // Without `else` the other times are --min's.
  const auto without = of_kind(
      rendered("serve", {{"schedule", "sat 10:00-12:00 = 9"}, {"min", 2}, {"max", 30}}), "CronJob");
  CHECK(without[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"][3] ==
        "2");
}

TEST_CASE("with --service-account a schedule makes no rights") {
  const auto objects = rendered("serve", {{"schedule", rush_hour},
                                          {"service_account", "robot"},
                                          {"schedule_image", "registry.example/lotse:2"},
                                          {"pull_secrets", {"registry"}}});
  for (const char* kind : {"Role", "RoleBinding", "ServiceAccount"})
    CHECK(of_kind(objects, kind).empty());
  const json pod =
      of_kind(objects, "CronJob")[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"];
  CHECK(pod["serviceAccountName"] == "robot");
  CHECK(pod["containers"][0]["image"] == "registry.example/lotse:2");
  CHECK(pod["imagePullSecrets"] == json::parse(R"([{"name": "registry"}])"));
}

TEST_CASE("a schedule that is none is refused at its place") {
  CHECK(refused("serve", {{"schedule", "wekdays 07:00-09:30 = 20; else x"}}) ==
        "--schedule: at character 1: 'wekdays' is no day\n"
        "--schedule: at character 32: 'x' is no number of pods\n");
  const auto serve = tmpl::load_template("serve");
  const auto file = document::parse_yaml("model: yolo26n\nschedule: daily 07:00 = 3\n", "v.yaml");
  CHECK(std::string(error_from([&] { tmpl::merge_values(serve, {file}, {}); }).what())
            .starts_with("v.yaml:2:11: at character 7: '07:00' is not from when to when"));
  CHECK(refused("serve", {{"schedule", rush_hour}, {"max", 19}}) ==
        "--schedule: asks for more pods than --max\n");
  CHECK_NOTHROW(rendered("serve", {{"schedule", rush_hour}, {"max", 20}}));
  CHECK(refused("serve", {{"time_zone", "europe/berlin"}, {"schedule", rush_hour}}) ==
        "--time-zone: \"europe/berlin\" does not have the right form\n");
}

TEST_CASE("scaling to nothing asks for a metric from outside, and begins with a pod") {
  const tmpl::FlagValues to_zero = {
      {"min", 0}, {"max", 5}, {"target", {"cpu=60", "external:queue:length=30"}}};
  const auto objects = rendered("service", to_zero);
  const auto autoscaler = one(objects, "HorizontalPodAutoscaler");
  CHECK(autoscaler["spec"]["minReplicas"] == 0);
  CHECK(autoscaler["spec"]["metrics"][1] == json::parse(R"({"type": "External", "external":
    {"metric": {"name": "queue:length"}, "target": {"type": "AverageValue", "averageValue": "30"}}})"));
  CHECK(one(objects, "Deployment")["spec"]["replicas"] == 1);
  CHECK(refused("service", {{"min", 0}, {"max", 5}, {"target", {"requests_in_flight=4"}}}) ==
        "--min: 0, with --max, needs a --target external:METRIC=VALUE: where no pod runs there is "
        "nothing else to measure\n");
  CHECK(refused("service", {{"max", 5}, {"target", {"external:=4"}}}).starts_with("--target: "));
  // Without an autoscaler a schedule may end in nothing.
  CHECK(of_kind(rendered("service", {{"schedule", "daily 08:00-20:00 = 2; else 0"}}), "CronJob")
            .size() == 2);
}

TEST_CASE(
    "Prometheus finds figures by a ServiceMonitor where there are those, else by annotations") {
  const json monitors = {
      {"capabilities", {{"ServiceMonitor.monitoring.coreos.com", "monitoring.coreos.com/v1"}}}};
  const auto annotations = [](const std::vector<json>& objects) {
    json all = one(objects, "Deployment")["spec"]["template"]["metadata"]["annotations"];
    all.erase("lotse.dev/revision");
    return all;
  };
  const json scraped = {{"prometheus.io/scrape", "true"},
                        {"prometheus.io/port", "9000"},
                        {"prometheus.io/path", "/metrics"}};
  CHECK(annotations(rendered("serve", {{"port", 9000}})) == scraped);
  CHECK(annotations(rendered("service", {{"port", 9000}})) == json::object());
  CHECK(annotations(rendered("service", {{"port", 9000}, {"metrics_path", "/metrics"}})) ==
        scraped);
  CHECK(annotations(rendered("serve", {{"metrics_path", ""}})) == json::object());
  // What the user says of it counts.
  CHECK(annotations(rendered(
            "serve", {{"annotations",
                       {{"prometheus.io/scrape", "false"}}}}))["prometheus.io/scrape"] == "false");
  for (const std::string name : {"serve", "service"}) {
    const auto objects = rendered(
        name, {{"metrics_path", "/metrics"}, {"labels", {{"release", "prometheus"}}}}, monitors);
    CHECK(annotations(objects) == json::object());
    const auto monitor = one(objects, "ServiceMonitor");
    CHECK(monitor["metadata"]["labels"]["release"] == "prometheus");
    CHECK(monitor["spec"] ==
          json::parse(R"({"selector": {"matchLabels": {"lotse.dev/workload": "w"}},
      "endpoints": [{"port": "http", "path": "/metrics"}]})"));
    CHECK(of_kind(rendered(name, {{"metrics_path", ""}}, monitors), "ServiceMonitor").empty());
  }
}
