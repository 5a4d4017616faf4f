#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/write.h"
#include "support/template_workload.h"
#include "template/package.h"

using namespace lotse;
using lotse::test::workload;
using nlohmann::json;

namespace {

json claim(const std::string& name, const std::string& claim_name, bool read_only, bool created) {
  return {{"name", name},
          {"mountPath", "/volumes/" + name},
          {"claim", claim_name},
          {"readOnly", read_only},
          {"created", created}};
}

/// Compares with tests/golden/NAME.yaml; LOTSE_UPDATE_GOLDEN=1 rewrites it.
void check_golden(const std::string& name, const std::vector<json>& manifests) {
  const std::string file = base::cat("tests/golden/", name, ".yaml");
  const auto text = document::write_yaml_stream(manifests);
  if (std::getenv("LOTSE_UPDATE_GOLDEN")) base::write_file_atomic(file, text);
  INFO(file);
  CHECK(text == base::read_file(file));
  const auto again = document::parse_yaml_stream(text, file);
  REQUIRE(again.size() == manifests.size());
  for (size_t i = 0; i < again.size(); ++i) CHECK(again[i].value == manifests[i]);
}

struct Scenario {
  std::string name;
  std::string verb;
  tmpl::FlagValues flags;
  json volumes;
  json cluster = tmpl::plain_cluster();
};

std::vector<Scenario> scenarios() {
  const auto output = [](const std::string& name) {
    return claim("output", name + "-output", false, true);
  };
  const json hosted = {{"name", "data"},
                       {"mountPath", "/volumes/data"},
                       {"hostPath", "/srv/data"},
                       {"readOnly", true},
                       {"created", false}};
  return {
      {"train",
       "train",
       {{"data", "volume:data/data.yaml"}, {"output", "volume:output/"}},
       {claim("data", "data", true, false), output("train")}},
      {"train-rich",
       "train",
       {{"data", "volume:data/data.yaml"},
        {"output", "volume:output/"},
        {"workers", 4},
        {"gpus", 1},
        {"gpu_type", "NVIDIA-H200"},
        {"queue", "research"},
        {"node_selector", {{"zone", "a"}}},
        {"tolerations", {{{"key", "gpu"}, {"operator", "Exists"}}}},
        {"epochs", 3},
        {"cpu", "500m"},
        {"deadline", 0},
        {"ttl", 60},
        {"storage_class", "fast"},
        {"run_as_user", 0},
        {"lr0", 0.5}},
       {hosted, output("train-rich")}},
      {"train-pods",
       "train",
       {{"data", "volume:data/data.yaml"},
        {"workers", 2},
        {"gpus", 2},
        {"gpu_claim", "a100.example.com,gpu.example.com"},
        {"cpu_limit", "8"},
        {"memory_limit", "16Gi"},
        {"shm", "2Gi"},
        {"priority", "high"},
        {"affinity", {{"nodeAffinity", json::object()}}},
        {"spread", {"topology.kubernetes.io/zone"}},
        {"env", {{"NCCL_DEBUG", "INFO"}}},
        {"env_secrets", {"all-of-it", "TOKEN=registry/password"}},
        {"mounts", {"claim:cache:/cache:ro", "host:/srv/data:/host"}},
        {"allow_host_path", true},
        {"labels", {{"team", "vision"}}},
        {"annotations", {{"example.com/owner", "me"}}},
        {"service_account", "robot"},
        {"pull_secrets", {"registry"}}},
       {claim("data", "data", true, false)},
       {{"capabilities", {{"PodGroup.scheduling.k8s.io", "scheduling.k8s.io/v1beta1"}}}}},
      {"val",
       "val",
       {{"model", "volume:m/best.safetensors"},
        {"data", "volume:pets/data.yaml"},
        {"not_below", "volume:m/served.safetensors"}},
       {claim("m", "m", true, false), claim("pets", "pets", true, false)}},
      {"export",
       "export",
       {{"model", "volume:m/best.safetensors"}, {"output", "volume:output/model.torchscript"}},
       {claim("m", "m", true, false), output("export")}},
      {"infer",
       "infer",
       {{"model", "yolo26n"}, {"source", {"volume:my-pictures/a.jpg"}}},
       {claim("my-pictures", "my-pictures", true, false)}},
      {"infer-rich",
       "infer",
       {{"model", "volume:m/best.safetensors"},
        {"source", {"volume:m/a", "volume:m/b"}},
        {"classes", {1, 2}},
        {"save", "volume:found/"},
        {"queue", "q"}},
       {claim("m", "m", true, false), claim("found", "found", false, false)}},
      {"infer-workers",
       "infer",
       {{"model", "yolo26n"},
        {"source", {"volume:p/"}},
        {"output", "volume:output/"},
        {"workers", 4}},
       {claim("p", "p", true, false), output("infer-workers")}},
      {"infer-same-node",
       "infer",
       {{"model", "yolo26n"},
        {"source", {"volume:p/"}},
        {"output", "volume:output/"},
        {"workers", 2},
        {"same_node", true},
        {"affinity",
         {{"podAffinity", {{"preferredDuringSchedulingIgnoredDuringExecution", json::array()}}}}}},
       {claim("p", "p", true, false), output("infer-same-node")}},
      {"serve", "serve", {{"model", "volume:m/best.safetensors"}}, {claim("m", "m", true, false)}},
      {"serve-rich",
       "serve",
       {{"model", "volume:m/best.safetensors"},
        {"replicas", 3},
        {"port", 9000},
        {"service_port", 8000},
        {"drain_seconds", 12.5},
        {"gpus", 1},
        {"name", "shapes"}},
       {claim("m", "m", true, false)}},
      {"serve-scaled",
       "serve",
       {{"model", "volume:m/best.safetensors"},
        {"min", 2},
        {"max", 20},
        {"target", {"cpu=60", "requests_in_flight=4"}},
        {"scale_down_after", 600},
        {"tolerance", "0.05"},
        {"drain_seconds", 12.5},
        {"grace", 20},
        {"gateway", "infra/web"},
        {"hostname", {"shapes.example.com"}},
        {"spread", {"kubernetes.io/hostname"}}},
       {claim("m", "m", true, false)}},
      {"serve-scheduled",
       "serve",
       {{"model", "volume:m/best.safetensors"},
        {"min", 3},
        {"max", 30},
        {"schedule", "weekdays 07:00-09:30 = 20; weekdays 16:00-19:00 = 20; else 3"},
        {"time_zone", "Europe/Berlin"}},
       {claim("m", "m", true, false)},
       {{"capabilities", {{"ServiceMonitor.monitoring.coreos.com", "monitoring.coreos.com/v1"}}}}},
      {"job", "job", {{"args", {"echo", "hello"}}}, json::array()},
      {"job-rich",
       "job",
       {{"command", {"sh", "-c"}},
        {"args", {"work"}},
        {"env", {{"LOG_LEVEL", "debug"}}},
        {"env_secrets", {"token"}},
        {"input", {"volume:data/"}},
        {"output", {"volume:results/"}},
        {"working_dir", "/work"},
        {"workers", 4},
        {"parallelism", 2},
        {"fatal_codes", {22, 3}},
        {"ttl", 60},
        {"deadline", 0},
        {"queue", "research"},
        {"shm", "2Gi"},
        {"gpus", 2},
        {"gpu_type", "NVIDIA-H200"},
        {"node_selector", {{"zone", "a"}}},
        {"tolerations", {{{"key", "gpu"}, {"operator", "Exists"}}}},
        {"pull_secrets", {"registry"}},
        {"writable_root", true},
        {"user_namespace", true},
        {"isolate", true},
        {"peers", {"10.0.0.0/8"}}},
       {claim("data", "data", true, false), claim("results", "results", false, false)}},
      {"service", "service", json::object(), json::array()},
      {"service-rich",
       "service",
       {{"args", {"--verbose"}},
        {"env", {{"LOG_LEVEL", "debug"}}},
        {"input", {"volume:data/"}},
        {"port", 9000},
        {"service_port", 8000},
        {"ready_path", "/healthz"},
        {"live_path", "/livez"},
        {"startup_seconds", 31},
        {"drain_seconds", 0},
        {"schedule", "daily 22:00-06:00 = 0; else 3"},
        {"time_zone", "Europe/Berlin"},
        {"schedule_image", "registry.example/lotse:1"},
        {"metrics_path", "/metrics"},
        {"shm", "64Mi"},
        {"isolate", true}},
       {claim("data", "data", true, false)}},
  };
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const base::Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("the built-in templates render what the golden files hold") {
  for (const auto& one : scenarios()) {
    const auto package = tmpl::load_template(one.verb);
    const auto values = tmpl::merge_values(package, {}, one.flags);
    const auto wanted = workload(one.name, one.volumes);
    const auto manifests = tmpl::render(package, values, wanted, one.cluster);
    CHECK(manifests == tmpl::render(package, values, wanted, one.cluster));
    check_golden(one.name, manifests);
    for (const auto& manifest : manifests)
      CHECK(manifest["metadata"]["labels"]["lotse.dev/workload"] == one.name);
  }
}

TEST_CASE("podFailurePolicy is written from the table of exit codes") {
  for (const auto& one : scenarios()) {
    const auto package = tmpl::load_template(one.verb);
    if (package.info.kind != "job" || package.info.mode.empty()) continue;
    const auto values = tmpl::merge_values(package, {}, one.flags);
    json job;
    for (const auto& manifest : tmpl::render(package, values, workload(one.name, one.volumes)))
      if (manifest["kind"] == "Job") job = manifest;
    const auto& rules = job["spec"]["podFailurePolicy"]["rules"];
    REQUIRE(rules.size() == 3);
    CHECK(rules[0]["action"] == "FailJob");
    CHECK(rules[0]["onExitCodes"]["values"] == (one.verb == "val" ? json({1, 2}) : json({2})));
    CHECK(rules[1]["action"] == "Ignore");
    CHECK(rules[1]["onExitCodes"]["values"] == json({75, 76}));
  }
}

TEST_CASE("values come from defaults, files and flags, and every mistake names its place") {
  const auto train = tmpl::load_template("train");
  const auto file = document::parse_yaml(
      "data: volume:d/data.yaml\nepochs: 7\nnode_selector: {a: b}\ncpu: 2\n", "v.yaml");
  const auto values =
      tmpl::merge_values(train, {file}, {{"batch", 32}, {"node_selector", {{"c", "d"}}}});
  CHECK(values["epochs"] == 7);
  CHECK(values["cpu"] == "2");
  CHECK(values["batch"] == 32);
  CHECK(values["imgsz"] == 0);
  CHECK(values["node_selector"] == json({{"a", "b"}, {"c", "d"}}));
  const auto bad =
      document::parse_yaml("data: d\nepoch: 7\noptimizer: adam\nqueue: 2\nlr0: fast\n", "v.yaml");
  const auto text = refusal([&] { tmpl::merge_values(train, {bad}, {{"epochs", 0}}); });
  CHECK(text.find("v.yaml:2:8: epoch: is not a value here\n  did you mean epochs?") !=
        std::string::npos);
  CHECK(text.find("v.yaml:3:12: optimizer: must be one of auto, musgd, sgd, adamw, is \"adam\"\n  "
                  "did you mean adamw?") != std::string::npos);
  CHECK(text.find("v.yaml:4:8: queue: must be a string, is 2\n  quote it: \"2\"") !=
        std::string::npos);
  CHECK(text.find("v.yaml:5:6: lr0: must be a number, is \"fast\"") != std::string::npos);
  CHECK(text.find("--epochs: must be at least 1, is 0") != std::string::npos);
  CHECK(refusal([&] { tmpl::merge_values(train, {}, {}); }).find("--data: is required") !=
        std::string::npos);
}

TEST_CASE("packages on disk, and what is wrong with them") {
  base::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "manifests");
  base::write_file_atomic(
      folder.path() / "template.yaml",
      "name: mine\nkind: job\nversion: '1'\nhelp: h\nschema: {properties: {a: {type: string, "
      "default: x}}}\n");
  base::write_file_atomic(folder.path() / "manifests/job.yaml",
                          "kind: Job\nspec: {template: {spec: {x: '${foo}', y: '${values.a}'}}}\n");
  const auto mine = tmpl::load_template(folder.path().string());
  const auto text = refusal(
      [&] { tmpl::render(mine, tmpl::merge_values(mine, {}, {}), workload("w", json::array())); });
  CHECK(text.find("manifests/job.yaml:2:29: spec.template.spec.x: unknown context value foo") !=
        std::string::npos);
  CHECK(refusal([] { tmpl::load_template("tran"); }).find("did you mean train?") !=
        std::string::npos);
  CHECK(refusal([] { tmpl::load_template("./nothing"); }) ==
        "./nothing: is no folder: a template is one");
  CHECK(refusal([&] {
          tmpl::load_template((folder.path() / "manifests").string());
        }).find("no template.yaml\n  `lotse template init FOLDER` makes one") != std::string::npos);
  base::write_file_atomic(folder.path() / "template.yaml", "name: mine\nkind: thing\n");
  CHECK(refusal([&] {
          tmpl::load_template(folder.path().string());
        }).find("template.yaml:2:7: kind: must be one of") != std::string::npos);
}

namespace {

/// A template on disk, of one manifest and some fragments.
class Folder {
 public:
  explicit Folder(const std::string& manifest) {
    write("template.yaml", "name: mine\nkind: job\nversion: '1'\nhelp: h\nschema: {}\n");
    write("manifests/job.yaml", manifest);
  }
  void write(const std::string& file, const std::string& text) const {
    const auto path = folder_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    base::write_file_atomic(path, text);
  }
  std::vector<json> render(const json& volumes = json::array()) const {
    const auto mine = tmpl::load_template(folder_.path().string());
    return tmpl::render(mine, tmpl::merge_values(mine, {}, {}), workload("w", volumes));
  }
  std::string refusal() const {
    const auto text = ::refusal([&] { render(); });
    return base::replace_all(text, folder_.path().string(), "mine");
  }

 private:
  base::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a manifest includes fragments: the folder's own, else the built-in ones") {
  const Folder folder(
      "kind: Job\n"
      "volumes: {$include: shared/volumes.yaml}\n"
      "$${a}: 1\n"
      "own: {$let: {who: me}, in: {$include: shared/mine.yaml}}\n");
  folder.write("shared/mine.yaml", "hello: ${who} of ${workload.name}\n");
  const auto volumes = json::array({claim("data", "data", true, false)});
  const json mounted = {
      {{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data"}, {"readOnly", true}}}}};
  auto rendered = folder.render(volumes).at(0);
  CHECK(rendered["volumes"] == mounted);
  CHECK(rendered["own"] == json({{"hello", "me of w"}}));
  folder.write("shared/volumes.yaml", "[]\n");
  CHECK(folder.render(volumes).at(0)["volumes"] == json::array());
}

TEST_CASE("a package takes the built-in fragments along") {
  const tmpl::Files files = {
      {"template.yaml",
       "name: mine\nkind: job\nversion: '1'\nhelp: h\nschema: {$include: "
       "[shared/claim-values.yaml]}\n"},
      {"manifests/a.yaml", "a: {$include: shared/pod.yaml}\n---\nb: {$include: shared/own.yaml}\n"},
      {"shared/own.yaml", "1"}};
  std::vector<std::string> names;
  for (const auto& [name, unused] : tmpl::with_fragments(files)) names.push_back(name);
  CHECK(names ==
        std::vector<std::string>{"manifests/a.yaml", "shared/claim-values.yaml",
                                 "shared/env-from.yaml", "shared/env-keys.yaml", "shared/gpus.yaml",
                                 "shared/mount-list.yaml", "shared/mounts.yaml", "shared/own.yaml",
                                 "shared/placement.yaml", "shared/pod.yaml",
                                 "shared/resources.yaml", "shared/volumes.yaml", "template.yaml"});
  const auto mine = tmpl::parse_template(tmpl::with_fragments(files), "mine");
  CHECK(mine.fragments.at("shared/pod.yaml").file == "mine/shared/pod.yaml");
}

TEST_CASE("an expression that fails names its line, behind operators too, and what was meant") {
  const auto refused = [](const std::string& value) {
    const auto mine = tmpl::parse_template(
        {{"template.yaml",
          "name: mine\nkind: job\nversion: '1'\nhelp: h\nschema:\n  properties:\n    log_level: "
          "{default: "
          "info}\n    full-name: {default: x}\n"},
         {"manifests/job.yaml",
          "kind: Job\nspec:\n  $merge:\n  - {a: 1}\n  - $if: 'true'\n    then:\n      b: " + value +
              "\n"}},
        "mine");
    return refusal([&] { tmpl::render(mine, tmpl::merge_values(mine, {}, {}), json::object()); });
  };
  CHECK(refused("${values.loglevel}") ==
        "mine/manifests/job.yaml:7:10: spec[1].b: object has no property \"loglevel\"\n"
        "  did you mean log_level?");
  CHECK(refused("\"${value.log_level}\"") ==
        "mine/manifests/job.yaml:7:10: spec[1].b: unknown context value value\n"
        "  did you mean values?");
  CHECK(
      refused("[0, {$evl: values.log_level}]") ==
      "mine/manifests/job.yaml:7:14: spec[1].b[1]: $<identifier> is reserved; use $$<identifier>\n"
      "  did you mean $eval?");
  CHECK(refused("{$eval: uppercas(values.log_level)}") ==
        "mine/manifests/job.yaml:7:10: spec[1].b: unknown context value uppercas\n"
        "  did you mean uppercase?");
  CHECK(refused("${values.full-name}") ==
        "mine/manifests/job.yaml:7:10: spec[1].b: object has no property \"full\"\n"
        "  a '-' subtracts: write [\"full-name\"], or give it a name with '_'");
  CHECK(refused("${values.log-level}") ==
        "mine/manifests/job.yaml:7:10: spec[1].b: object has no property \"log\"\n"
        "  did you mean log_level?");
  CHECK(refused("${values.zebra}") ==
        "mine/manifests/job.yaml:7:10: spec[1].b: object has no property \"zebra\"");
}

TEST_CASE("a schema that cannot become flags names its line") {
  const auto refused = [](const std::string& schema) {
    return refusal([&] {
      tmpl::parse_template(
          {{"template.yaml", "name: mine\nkind: job\nversion: '1'\nhelp: h\nschema:\n" + schema},
           {"manifests/job.yaml", "kind: Job\n"}},
          "mine");
    });
  };
  CHECK(refused("  properties:\n    a: {type: strng}\n") ==
        "mine/template.yaml:7:15: schema.properties.a.type: strng is no type that a flag can have\n"
        "  did you mean string?");
  CHECK(refused("  propertys:\n    a: {}\n") ==
        "mine/template.yaml:7:5: schema.propertys: is no word of JSON Schema\n"
        "  did you mean properties?");
  CHECK(refused("  x-lotse-order: [levle]\n  properties:\n    level: {}\n") ==
        "mine/template.yaml:6:18: schema.x-lotse-order: names no property: levle\n"
        "  did you mean level?");
}

TEST_CASE("a mistake in a fragment, or in what includes it, names its place") {
  const Folder folder("kind: Job\nspec: {$include: shared/outer.yaml}\n");
  folder.write("shared/outer.yaml", "pod: {list: [1, {$include: shared/inner.yaml}]}\n");
  folder.write("shared/inner.yaml", "a: {b: '${values.c}'}\n");
  CHECK(folder.refusal() ==
        "mine/shared/inner.yaml:1:8: a.b: object has no property \"c\"\n"
        "  included by mine/manifests/job.yaml");
  folder.write("shared/outer.yaml", "pod:\n  $include: shared/iner.yaml\n");
  CHECK(folder.refusal() ==
        "mine/shared/outer.yaml:2:13: there is no fragment shared/iner.yaml\n"
        "  did you mean shared/inner.yaml?");
  folder.write("shared/outer.yaml", "pod: {$include: [shared/inner.yaml]}\n");
  CHECK(folder.refusal() ==
        "mine/shared/outer.yaml:1:17: $include names a fragment, such as shared/pod.yaml");
  folder.write("shared/outer.yaml", "pod: {$include: shared/inner.yaml, more: 1}\n");
  CHECK(folder.refusal().find("mine/shared/outer.yaml:1:6: pod: $include has undefined properties: "
                              "more") == 0);
  folder.write("shared/outer.yaml", "pod: {$include: manifests/job.yaml}\n");
  CHECK(folder.refusal().find("there is no fragment manifests/job.yaml") != std::string::npos);
  folder.write("shared/outer.yaml", "again: {$include: shared/outer.yaml}\n");
  CHECK(
      folder.refusal().find("mine/shared/outer.yaml:1:8: again: fragments include each other more "
                            "than 10 deep") == 0);
}

TEST_CASE("the built-in templates are listed") {
  std::vector<std::string> names;
  for (const auto& info : tmpl::builtin_templates()) names.push_back(info.name);
  CHECK(names ==
        std::vector<std::string>{"export", "infer", "job", "serve", "service", "train", "val"});
}
