#include <catch2/catch.hpp>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include "base/process.h"
#include "kube/client.h"
#include "kube/logs.h"
#include "kube/mirror.h"
#include "net/retry.h"
#include "object/reference.h"
#include "support/error_from.h"

using namespace lotse;
using namespace std::chrono_literals;
using kube::json;
using test::error_from;
using Steady = std::chrono::steady_clock;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) FAIL(name << " is not set: run this by run-case");
  return value;
}

const object::Kind& kind(const char* name) {
  return *object::find_kind(name);
}

identity::Settings settings_of(const std::string& kubeconfig) {
  identity::LoadOptions options;
  options.explicit_path = kubeconfig;
  return identity::resolve(identity::load_config(options), options, "");
}

struct Cluster {
  identity::Settings settings;
  net::CurlTransport curl;
  net::RetryTransport transport{curl};
  kube::Client client;
  explicit Cluster(identity::Settings given)
      : settings(std::move(given)),
        curl(kube::connection_of(settings)),
        client(transport, settings) {}
  explicit Cluster(const char* name = "LOTSE_TEST_KUBECONFIG")
      : Cluster(settings_of(variable(name))) {}
};

json config_map(const std::string& name, const json& data) {
  return {
      {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}}}, {"data", data}};
}

json pod(const std::string& name, const std::vector<std::string>& arguments) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}, {"labels", {{"test", "logs"}}}}},
          {"spec",
           {{"restartPolicy", "Never"},
            {"terminationGracePeriodSeconds", 1},
            {"containers",
             {{{"name", "main"}, {"image", variable("LOTSE_TEST_IMAGE")}, {"args", arguments}}}}}}};
}

void kubectl(std::vector<std::string> arguments) {
  base::Command command;
  command.arguments = {variable("KUBECTL")};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  REQUIRE(base::Process::start(command).wait().code == 0);
}

/// Sockets to anywhere that this process holds.
size_t open_sockets() {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
    count += target.starts_with("socket:");
  }
  return count;
}

std::string version_of(const json& object) {
  return object["metadata"]["resourceVersion"];
}

}  // namespace

TEST_CASE("applying the same twice changes nothing; a dry run keeps nothing") {
  Cluster cluster;
  const auto wanted = config_map("twice", {{"a", "1"}});
  const auto first = cluster.client.apply(wanted);
  CHECK(version_of(cluster.client.apply(wanted)) == version_of(first));
  CHECK(version_of(cluster.client.apply(config_map("twice", {{"a", "2"}}), {.dry_run = true})) ==
        version_of(first));
  CHECK(cluster.client.get(kind("cm"), "twice")["data"]["a"] == "1");
  cluster.client.apply(config_map("dry", json::object()), {.dry_run = true});
  CHECK_FALSE(cluster.client.find(kind("cm"), "dry").has_value());
}

TEST_CASE(
    "A6 P5: what another manager owns is a conflict that names manager and field; the rest "
    "survives") {
  Cluster cluster;
  cluster.client.apply(config_map("shared", {{"ours", "1"}}));
  kubectl({"patch", "configmap", "shared", "--field-manager=someone", "--type=merge", "-p",
           R"({"data":{"theirs":"2","ours":"3"}})"});
  const auto error = error_from([&] {
    cluster.client.apply(config_map("shared", {{"ours", "1"}}));
  });
  CHECK(error.kind() == base::ErrorKind::conflict);
  CHECK_THAT(error.what(),
             Catch::Contains("configmap/shared") && Catch::EndsWith("\n  someone: .data.ours"));
  cluster.client.apply(config_map("shared", {{"mine", "4"}}));
  CHECK(cluster.client.get(kind("cm"), "shared")["data"] ==
        json{{"mine", "4"}, {"ours", "3"}, {"theirs", "2"}});
}

TEST_CASE("the server's refusals are told as it meant them") {
  Cluster cluster;
  auto error = error_from([&] { cluster.client.get(kind("job"), "nowhere"); });
  CHECK(error.kind() == base::ErrorKind::not_found);
  CHECK(error.what() == std::string("jobs.batch \"nowhere\" not found"));

  auto broken = pod("Wrong_Name", {"pause"});
  error = error_from([&] { cluster.client.apply(broken); });
  CHECK(error.kind() == base::ErrorKind::invalid);
  CHECK_THAT(error.what(), Catch::Contains("\n  metadata.name: Invalid value"));

  auto unknown = config_map("typo", json::object());
  unknown["dtaa"] = json::object();
  error = error_from([&] { cluster.client.apply(unknown); });
  CHECK_THAT(error.what(), Catch::Contains("dtaa"));

  Cluster limited("LOTSE_TEST_TOKEN_KUBECONFIG");
  CHECK_NOTHROW(limited.client.list(kind("pod")));
  error = error_from([&] { limited.client.get(kind("node"), "lotse"); });
  CHECK(error.kind() == base::ErrorKind::denied);
  CHECK_THAT(error.what(), Catch::Contains("cannot get resource \"nodes\""));
}

TEST_CASE("a server that is not there, or is not the one, is told with its address") {
  auto settings = settings_of(variable("LOTSE_TEST_KUBECONFIG"));
  const auto server = settings.server;
  settings.server = server.substr(0, server.rfind(':')) + ":1";
  auto error = error_from([&] { Cluster(settings).client.server_version(); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains(settings.server));
  settings.server = server;
  settings.ca.clear();
  error = error_from([&] { Cluster(settings).client.server_version(); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains("certificate"));
}

TEST_CASE("a mirror sees a pod from its creation to its end, and its deletion") {
  Cluster cluster;
  kube::Mirror mirror(cluster.client, {&kind("pod")}, {"", "metadata.name=seen"});
  cluster.client.apply(pod("seen", {"print", "x"}));
  std::vector<std::string> phases;
  const auto limit = Steady::now() + 60s;
  bool deleted = false;
  while (Steady::now() < limit) {
    mirror.wait(1s);
    const auto objects = mirror.objects();
    if (objects.empty()) {
      if (deleted) break;
      continue;
    }
    const std::string phase = objects[0]["status"].value("phase", "");
    if (phases.empty() || phases.back() != phase) phases.push_back(phase);
    if (phase == "Succeeded" && !deleted) deleted = cluster.client.remove(kind("pod"), "seen");
  }
  CHECK(mirror.objects().empty());
  REQUIRE_FALSE(phases.empty());
  CHECK(phases.front() == "Pending");
  CHECK(phases.back() == "Succeeded");
}

TEST_CASE(
    "logs of several pods come in one loop; one that starts later joins; nothing is missing") {
  Cluster cluster;
  const kube::Selector selector{"test=logs", ""};
  std::vector<std::string> many = {"print"};
  for (int i = 0; i < 500; ++i) many.push_back("line " + std::to_string(i));
  cluster.client.apply(pod("one", many));
  std::map<std::string, std::vector<std::string>> got;
  bool second = false;
  const auto limit = Steady::now() + 60s;
  kube::LogOptions query;
  query.follow = true;
  kube::read_logs(
      cluster.client, selector, [](const json&) { return true; }, query,
      [&](const object::LogLine& line) { got[line.pod].push_back(line.text); },
      [&] {
        if (!second && got.count("one") != 0) {
          second = true;
          cluster.client.apply(pod("two", {"print", "a", "b"}));
        }
        return got.count("two") != 0 || Steady::now() > limit;
      });
  many.erase(many.begin());
  CHECK(got["one"] == many);
  CHECK(got["two"] == std::vector<std::string>{"a", "b"});

  std::vector<std::string> last;
  query.follow = false;
  query.tail = 2;
  kube::read_logs(
      cluster.client, selector, [](const json& p) { return object::name_of(p) == "one"; }, query,
      [&](const object::LogLine& line) { last.push_back(line.text); }, [] { return true; });
  CHECK(last == std::vector<std::string>{"line 498", "line 499"});
}

TEST_CASE("the log of a container that is started again and again: every line of each, once") {
  Cluster cluster;
  auto restarted = pod("again", {"print", "a", "b"});
  restarted["metadata"]["labels"] = {{"test", "again"}};
  restarted["spec"]["restartPolicy"] = "Always";
  cluster.client.apply(restarted);
  std::vector<std::string> got;
  const auto limit = Steady::now() + 90s;
  kube::LogOptions query;
  query.follow = true;
  kube::read_logs(
      cluster.client, {"test=again", ""}, [](const json&) { return true; }, query,
      [&](const object::LogLine& line) { got.push_back(line.text); },
      [&] { return got.size() >= 6 || Steady::now() > limit; });
  REQUIRE(got.size() >= 6);  // the second start comes at once, the third after ten seconds
  got.resize(6);
  CHECK(got == std::vector<std::string>{"a", "b", "a", "b", "a", "b"});
}

TEST_CASE("deletion keeps to the object that was meant, and takes what it owns along") {
  Cluster cluster;
  const auto owner = cluster.client.apply(config_map("owner", json::object()));
  auto owned = config_map("owned", json::object());
  owned["metadata"]["ownerReferences"] = {object::owner_reference(owner)};
  cluster.client.apply(owned);
  const auto error = error_from([&] {
    cluster.client.remove(kind("cm"), "owner", {kube::Propagation::background, "another-uid"});
  });
  CHECK(error.kind() == base::ErrorKind::conflict);
  CHECK(cluster.client.remove(kind("cm"), "owner",
                              {kube::Propagation::background, object::uid_of(owner)}));
  CHECK_FALSE(cluster.client.remove(kind("cm"), "owner"));
  const auto limit = Steady::now() + 30s;
  while (cluster.client.find(kind("cm"), "owned") && Steady::now() < limit)
    std::this_thread::sleep_for(100ms);
  CHECK_FALSE(cluster.client.find(kind("cm"), "owned").has_value());
}

TEST_CASE("replicas that an autoscaler set survive our next apply; scale changes nothing else") {
  Cluster cluster;
  json deployment = {{"apiVersion", "apps/v1"},
                     {"kind", "Deployment"},
                     {"metadata", {{"name", "scaled"}}},
                     {"spec",
                      {{"selector", {{"matchLabels", {{"test", "scaled"}}}}},
                       {"template",
                        {{"metadata", {{"labels", {{"test", "scaled"}}}}},
                         {"spec",
                          {{"terminationGracePeriodSeconds", 0},
                           {"containers",
                            {{{"name", "main"},
                              {"image", variable("LOTSE_TEST_IMAGE")},
                              {"args", {"pause"}}}}}}}}}}}};
  const auto first = cluster.client.apply(deployment);
  CHECK(first["spec"]["replicas"] == 1);
  // The server leaves a zero out of what it answers.
  CHECK(cluster.client.scale(kind("deploy"), "scaled", 0)["spec"].value("replicas", 0) == 0);
  deployment["spec"]["minReadySeconds"] = 1;
  const auto after = cluster.client.apply(deployment);
  CHECK(after["spec"]["replicas"] == 0);
  CHECK(after["spec"]["minReadySeconds"] == 1);
  CHECK(after["spec"]["template"] == first["spec"]["template"]);
  cluster.client.remove(kind("deploy"), "scaled", {kube::Propagation::foreground});
}

TEST_CASE("an eviction asks the disruption budget; a status is patched beside the spec") {
  Cluster cluster;
  auto evicted = pod("evicted", {"pause"});
  evicted["metadata"]["labels"]["test"] = "evicted";
  cluster.client.apply(evicted);
  kubectl({"wait", "pod/evicted", "--for=condition=Ready", "--timeout=60s"});
  cluster.client.apply(
      {{"apiVersion", "policy/v1"},
       {"kind", "PodDisruptionBudget"},
       {"metadata", {{"name", "all"}}},
       {"spec", {{"minAvailable", 1}, {"selector", {{"matchLabels", {{"test", "evicted"}}}}}}}});
  kubectl({"wait", "pdb/all", "--for=jsonpath={.status.expectedPods}=1", "--timeout=30s"});
  net::CurlTransport curl(kube::connection_of(cluster.settings));  // no retries: the refusal itself
  kube::Client once(curl, cluster.settings);
  const auto error = error_from([&] { once.evict("evicted"); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains("disruption budget"));
  cluster.client.remove(kind("pdb"), "all");

  const auto patched = cluster.client.patch_status(kind("pod"), "evicted", {{"reason", "because"}});
  CHECK(patched["status"]["reason"] == "because");
  CHECK(patched["spec"]["containers"][0]["args"] == json{"pause"});

  kubectl({"wait", "pdb/all", "--for=delete", "--timeout=30s"});
  CHECK(cluster.client.evict("evicted"));
  const auto limit = Steady::now() + 30s;
  while (cluster.client.find(kind("pod"), "evicted") && Steady::now() < limit)
    std::this_thread::sleep_for(100ms);
  CHECK_FALSE(cluster.client.evict("evicted"));
}

TEST_CASE("a deletion that is only meant for a known state spares an object that has changed") {
  Cluster cluster;
  const auto first = cluster.client.apply(config_map("changed", {{"a", "1"}}));
  cluster.client.apply(config_map("changed", {{"a", "2"}}));
  kube::DeleteOptions options;
  options.resource_version = version_of(first);
  CHECK(error_from([&] { cluster.client.remove(kind("cm"), "changed", options); }).kind() ==
        base::ErrorKind::conflict);
  CHECK(cluster.client.find(kind("cm"), "changed").has_value());
}

TEST_CASE("eight watches share one connection: HTTP/2") {
  Cluster cluster;
  const auto before = open_sockets();
  std::vector<std::unique_ptr<kube::Mirror>> mirrors;
  for (const char* name : {"pod", "cm", "svc", "job", "deploy", "rs", "pvc", "secret"})
    mirrors.push_back(
        std::make_unique<kube::Mirror>(cluster.client, std::vector{&kind(name)}, kube::Selector{}));
  for (int i = 0; i < 50; ++i)
    for (const auto& mirror : mirrors) {
      mirror->tend();
      cluster.curl.poll(2ms);
    }
  CHECK(open_sockets() == before + 1);
}

TEST_CASE("every built-in kind of the table is one of this server, at the place where it says") {
  Cluster cluster;
  for (const auto& plural : object::plural_names()) {
    INFO(plural);
    const auto& known = kind(plural.c_str());
    const auto space = known.namespaced ? cluster.client.name_space() : "";
    if (plural == "selfsubjectaccessreviews") continue;  // can only be created
    const auto list = cluster.client.object_or_throw(kube::list_call(known, space, {}));
    CHECK(list["kind"] == known.kind + "List");
    CHECK(list["apiVersion"] == known.api_version);
  }
}

TEST_CASE("a call is fast: HTTP/2 on one connection") {
  const auto begun = Steady::now();
  Cluster cluster;
  cluster.client.server_version();
  const auto first = Steady::now() - begun;
  constexpr int calls = 50;
  const auto between = Steady::now();
  for (int i = 0; i < calls; ++i) cluster.client.find(kind("cm"), "kube-root-ca.crt");
  const auto each = (Steady::now() - between) / calls;
  const auto ms = [](auto time) { return std::chrono::duration<double, std::milli>(time).count(); };
  std::cout << "first call " << ms(first) << " ms, each further one " << ms(each) << " ms\n";
  CHECK(each < 100ms);
}
