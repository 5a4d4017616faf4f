#include "action/lint.h"

#include <catch2/catch.hpp>

#include "action/init_template.h"
#include "action/prepare.h"
#include "base/files.h"
#include "object/pod_security.h"
#include "support/error_from.h"

using namespace lotse;
using lotse::test::error_from;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// "error: Job: spec.replicas: is no field of JobSpec", a line each.
std::string findings(const action::LintReport& report) {
  std::string text;
  for (const auto& each : report.findings)
    text += (each.error ? "error: " : "warning: ") + each.where + ": " + each.message +
            (each.hint.empty() ? "" : " | " + each.hint) +
            (each.with.empty() ? "" : " with " + each.with) + "\n";
  return text;
}

constexpr auto about = R"(
name: mine
kind: job
version: '1'
help: h
schema:
  properties:
    text: {type: string, default: x, description: d}
    workers: {type: integer, default: 1, minimum: 1, maximum: 4, description: d}
    idle: {type: boolean, default: false, description: d}
)";
constexpr auto job = R"(
apiVersion: batch/v1
kind: Job
metadata: {name: "${workload.name}-${workload.revision}", labels: {$eval: workload.labels}}
spec:
  completions: {$eval: values.workers}
  template:
    metadata: {labels: {$eval: workload.labels}}
    spec:
      restartPolicy: Never
      hostUsers: false
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: main
        image: ${workload.image}
        args: ["${values.text}"]
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities: {drop: [ALL]}
)";

action::LintReport lint(const std::string& description, const std::string& manifest) {
  return action::lint_template(
      tmpl::parse_template({{"template.yaml", description}, {"manifests/job.yaml", manifest}},
                           "mine"),
      {"name", "image"});
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string errors_of(const std::string& description, const std::string& manifest) {
  auto report = lint(description, manifest);
  std::erase_if(report.findings, [](const auto& each) { return !each.error; });
  return findings(report);
}

}  // namespace

TEST_CASE("the built-in templates have no error, over all corners") {
  for (const auto& info : tmpl::builtin_templates()) {
    const auto report = action::lint_template(tmpl::load_template(info.name), {"name", "image"});
    INFO(info.name << "\n" << findings(report));
    CHECK_FALSE(report.has_errors());
    CHECK(report.renders > 20);
  }
}

TEST_CASE("pods of the built-in templates pass Pod Security with GPU, shm and claims") {
  for (const auto& info : tmpl::builtin_templates()) {
    const auto from = tmpl::load_template(info.name);
    action::PrepareOptions options;
    options.name = "w";
    const std::map<std::string, json> wanted = {{"gpus", 1},
                                                {"shm", "1Gi"},
                                                {"workers", 2},
                                                {"replicas", 2},
                                                {"isolate", true},
                                                {"queue", "q"},
                                                {"data", "volume:d/data.yaml"},
                                                {"model", "volume:m/best.safetensors"},
                                                {"input", {"volume:i"}}};
    for (const auto& [key, value] : wanted)
      if (from.schema["properties"].contains(key)) options.flags[key] = value;
    if (info.name == "infer") options.flags["source"] = {"volume:pictures/"};
    int pods = 0;
    for (const auto& object : action::prepare(from, options, false, "team").revision.objects) {
      const auto made = object::pod_template(object);
      if (!made.spec.is_object()) continue;
      ++pods;
      INFO(info.name << " " << object.dump());
      CHECK(made.spec["containers"][0]["resources"]["limits"].contains("nvidia.com/gpu"));
      CHECK(made.spec.dump().find("persistentVolumeClaim") != std::string::npos);
      CHECK(object::restricted_violations(made).empty());
      CHECK(object::missing_isolation(made).empty());
    }
    CHECK(pods == 1);
  }
}

TEST_CASE("a kind that the cluster does not have is refused before anything is sent") {
  const auto service = tmpl::load_template("service");
  action::PrepareOptions options;
  options.name = "w";
  options.image = "i";
  int asked = 0;
  json capabilities = json::object();
  options.cluster = [&] {
    ++asked;
    return json{{"capabilities", capabilities}};
  };
  action::prepare(service, options, false, "team");
  CHECK(asked == 0);
  options.flags["gateway"] = "web";
  const auto error = error_from([&] { action::prepare(service, options, false, "team"); });
  CHECK(error.kind() == base::ErrorKind::not_found);
  CHECK(std::string(error.what()).find("the cluster has no HTTPRoute.gateway.networking.k8s.io") ==
        0);
  capabilities["HTTPRoute.gateway.networking.k8s.io"] = "gateway.networking.k8s.io/v1";
  CHECK_NOTHROW(action::prepare(service, options, false, "team"));
  options.cluster = {};  // nobody knows
  CHECK_NOTHROW(action::prepare(service, options, false, "team"));
}

TEST_CASE("a run for a queue is refused where there is no Kueue, which alone would admit it") {
  const auto job = tmpl::load_template("job");
  action::PrepareOptions options;
  options.name = "w";
  options.image = "i";
  options.flags["queue"] = "team";
  json capabilities = json::object();
  options.cluster = [&] { return json{{"capabilities", capabilities}}; };
  const auto error = error_from([&] { action::prepare(job, options, false, "ns"); });
  CHECK(error.kind() == base::ErrorKind::not_found);
  CHECK(std::string(error.what())
            .find("the cluster has no LocalQueue.kueue.x-k8s.io: without "
                  "Kueue nothing would ever admit job/w-") == 0);
  capabilities["LocalQueue.kueue.x-k8s.io"] = "kueue.x-k8s.io/v1beta1";
  CHECK_NOTHROW(action::prepare(job, options, false, "ns"));
}

TEST_CASE("a template for any container lacks nothing but what is a choice") {
  for (const char* name : {"job", "service"}) {
    const auto report = action::lint_template(tmpl::load_template(name), {"name", "image"});
    CHECK(findings(report).find("isolat") == std::string::npos);
    for (const auto& each : report.findings) {
      INFO(each.where << " " << each.message);
      CHECK_FALSE(each.with.empty());  // run_as_user 0 and a folder of the node, and no more
    }
    CHECK(findings(report).find("hostPath: must not be used (Pod Security restricted) with "
                                "allow_host_path=true mounts=[\"host:/srv/data:/data\"]") !=
          std::string::npos);
  }
}

TEST_CASE("lint warns of what a template lacks, and of a value that changes nothing") {
  CHECK(findings(lint(about, job)) ==
        "warning: template.yaml: schema.properties.idle: no manifest changes with this value\n"
        "warning: : no value of it makes a NetworkPolicy: the pods may speak to everybody\n");
  const auto open = with(with(job, "      hostUsers: false\n", ""), "readOnlyRootFilesystem: true",
                         "readOnlyRootFilesystem: false");
  const auto text = findings(lint(about, open));
  CHECK(text.find("warning: Job: spec.template.spec.containers[0].securityContext."
                  "readOnlyRootFilesystem: is not true") != std::string::npos);
  CHECK(text.find("hostUsers") != std::string::npos);
}

TEST_CASE("lint finds a value that the runner would be given, and does not know") {
  const auto trains = with(about, "kind: job", "kind: job\nmode: train");
  CHECK(errors_of(trains, job)
            .find("error: template.yaml: schema.properties.idle: is no option of the runner's mode "
                  "train, which would refuse it | x-lotse: {cluster: true}") != std::string::npos);
  CHECK(errors_of(with(trains, "idle: {", "idle: {x-lotse: {cluster: true}, "), job)
            .find("properties.idle") == std::string::npos);
}

TEST_CASE("lint warns of names that two workloads would share, and that expressions cannot say") {
  const auto second = std::string(job) +
                      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: fixed, labels: "
                      "{$eval: workload.labels}}\n";
  CHECK(findings(lint(about, second))
            .find("warning: ConfigMap: metadata.name: is fixed in every workload of this template: "
                  "two would want one "
                  "object | name: ${workload.name}") != std::string::npos);
  CHECK(findings(lint(with(about, "idle:", "idle-time:"), job))
            .find("warning: template.yaml: schema.properties.idle-time: values.idle-time is a "
                  "subtraction in an "
                  "expression | call it idle_time") != std::string::npos);
  CHECK(errors_of(about, with(job, "apiVersion:", "apiversion:")) ==
        "error: Job: apiVersion: is required | did you mean it by apiversion?\n");
}

TEST_CASE("lint finds what is wrong at one corner alone, and says at which") {
  CHECK(
      errors_of(about, with(job, "restartPolicy: Never",
                            "restartPolicy: Never\n      subdomain: {$if: values.workers > 3, "
                            "then: {$eval: values.wrkers}}")) ==
      "error: mine/manifests/job.yaml:11:50: spec.template.spec.subdomain: object has no property "
      "\"wrkers\" | did you mean workers? with workers=4\n");
  CHECK(errors_of(about, with(job, "hostUsers: false",
                              "hostUsers: {$if: values.idle, then: 'no', else: false}")) ==
        "error: Job: spec.template.spec.hostUsers: must be true or false, is \"no\" with "
        "idle=true\n");
}

TEST_CASE("lint finds slips of the pen in manifests and in the schema") {
  CHECK(errors_of(about, with(job, "completions: {$eval: values.workers}",
                              "completions: {$if: values.idle, then: 1, esle: 2}"))
            .find("$if has undefined properties: esle | did you mean else?") != std::string::npos);
  CHECK(errors_of(about, with(job, "completions:", "completion:")) ==
        "error: Job: spec.completion: is no field of JobSpec | did you mean completions?\n");
  CHECK(errors_of(with(about, "minimum: 1", "minimun: 1"), job) ==
        "error: template.yaml: schema.properties.workers.minimun: is no word of JSON Schema | did "
        "you mean minimum?\n");
  CHECK(errors_of(with(about, "idle: {", "idle: {x-lotse: {secret: true}, "), job).empty());
  CHECK(errors_of(with(about, "idle: {", "idle: {x-lotse: {gruop: A}, "), job) ==
        "error: template.yaml: schema.properties.idle.x-lotse.gruop: is not known | did you mean "
        "group?\n");
  CHECK(errors_of(with(about, "idle:", "image:"), job) ==
        "error: template.yaml: schema.properties.image: --image is a flag of every run | x-lotse: "
        "{flag: OTHER-NAME}\n");
  CHECK(errors_of(with(about, "default: x", "default: 5"), job).find("its default 5") !=
        std::string::npos);
}

TEST_CASE("lint finds what would make Lotse lose its objects, and what Pod Security refuses") {
  CHECK(errors_of(about, with(job, "    metadata: {labels: {$eval: workload.labels}}\n", ""))
            .find("Lotse would not see the pods | labels: {$eval: workload.labels}") !=
        std::string::npos);
  CHECK(errors_of(about, with(job, ", labels: {$eval: workload.labels}", ""))
            .find("Lotse would not find it again") != std::string::npos);
  CHECK(errors_of(with(about, "kind: job", "kind: service"), job)
            .find("is service, but no Deployment is made") != std::string::npos);
  CHECK(errors_of(about, with(job, "runAsNonRoot: true", "runAsUser: 1"))
            .find("securityContext.runAsNonRoot: must be true, here or of the pod (Pod Security "
                  "restricted)") == std::string::npos);  // hostUsers: false makes it harmless
  CHECK(errors_of(about, with(job, "allowPrivilegeEscalation: false", "privileged: true"))
            .find("allowPrivilegeEscalation: must be false (Pod Security restricted)") !=
        std::string::npos);
}

TEST_CASE("init makes a folder whole or not at all, and what it makes passes lint") {
  base::TemporaryFolder space;
  const auto mine = space.path() / "mine";
  const auto files = action::init_template(mine, "service");
  CHECK(std::find(files.begin(), files.end(), "manifests/40-deployment.yaml") != files.end());
  const auto made = tmpl::load_template(mine.string());
  CHECK(made.info.name == "mine");
  CHECK_FALSE(action::lint_template(made, {}).has_errors());
  fs::create_directory(space.path() / "empty");
  action::init_template(space.path() / "empty/", "train");
  CHECK(tmpl::load_template((space.path() / "empty").string()).info.mode == "train");
  const auto text = [&](const fs::path& folder, const std::string& from) {
    return std::string(error_from([&] { action::init_template(folder, from); }).what());
  };
  CHECK(text(mine, "job").find("is not empty") != std::string::npos);
  CHECK(text(space.path() / "Mine", "job").find("is no name for a template") != std::string::npos);
  CHECK(text(space.path() / "a/b", "job").find("is no folder") != std::string::npos);
  CHECK(text(space.path() / "new", "jbo").find("did you mean job?") != std::string::npos);
  base::write_file_atomic(space.path() / "mine/file", "");
  CHECK(text(mine / "file", "job").find("is there already, and no folder") != std::string::npos);
  size_t left = 0;
  for (const auto& entry : fs::directory_iterator(space.path())) {
    INFO(entry.path());
    CHECK((entry.path().filename() == "mine" || entry.path().filename() == "empty"));
    ++left;
  }
  CHECK(left == 2);
}
