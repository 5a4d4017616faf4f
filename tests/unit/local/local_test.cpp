// Everything here runs real processes: a supervisor and pods (see stand_in.cpp).
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "local/files.h"
#include "local/local.h"
#include "local/manifests.h"

using namespace lotse::local;
using namespace std::chrono_literals;
namespace base = lotse::base;

namespace {

struct Place {
  base::TemporaryFolder folder;
  Store store{folder.path() / "state"};
  ApplyOptions options;
  Place() {
    const auto self = fs::read_symlink("/proc/self/exe");
    fs::create_symlink(self, folder.path() / "lotse-runner");
    options.runner = folder.path() / "lotse-runner";
    options.supervisor_command = {self.string(), "__supervise"};
    options.backoff = 50ms;
  }
  ~Place() {
    for (const auto& name : store.workloads()) store.remove(name, true, 1s);
  }

  template <class Test>
  bool eventually(const std::string& workload, Test&& test, std::chrono::seconds patience = 8s) {
    std::string token;
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (test(store.snapshot(workload))) return true;
      store.wait_change(workload, token, 200ms);
    }
    UNSCOPED_INFO(json(store.snapshot(workload)).dump(1));
    return false;
  }
  bool job_is(const std::string& workload, const std::string& type) {
    return eventually(workload, [&](const auto& objects) {
      for (const auto& object : objects)
        if (object.at("kind") == "Job" && has_condition(object, type)) return true;
      return false;
    });
  }
  static bool has_condition(const json& object, const std::string& type) {
    for (const auto& one : member<json>(object, "/status/conditions", json::array()))
      if (one.at("type") == type && one.at("status") == "True") return true;
    return false;
  }
  json object(const std::string& workload, const std::string& kind, const std::string& name) {
    const auto objects = store.snapshot(workload);
    const json* found = find_object(objects, kind, name);
    return found == nullptr ? json() : *found;
  }
  std::vector<std::string> log(const std::string& workload, const LogOptions& log_options = {}) {
    std::vector<std::string> lines;
    store.follow_logs(workload, log_options,
                      [&](const LogLine& line) { lines.push_back(line.text); });
    return lines;
  }
};

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

json job(const std::string& name, const json& arguments, int count = 1) {
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

std::vector<json> deployment(const std::string& release, int replicas,
                             const std::string& sick = "") {
  json spec = pod_spec({"serve", release, "300", sick});
  spec["restartPolicy"] = "Always";
  auto& container = spec["containers"][0];
  container["ports"] = {{{"name", "http"}, {"containerPort", 8080}}};
  // On a busy machine, only an answer that says so is a failure.
  const auto probe = [](const char* path, int failures) {
    return json{{"httpGet", {{"path", path}, {"port", "http"}}},
                {"periodSeconds", 0.05},
                {"timeoutSeconds", 10},
                {"failureThreshold", failures}};
  };
  container["startupProbe"] = probe("/started", 200);
  container["readinessProbe"] = probe("/ready", 3);
  if (!sick.empty()) container["livenessProbe"] = probe("/live", 1);
  json object = {{"apiVersion", "apps/v1"},
                 {"kind", "Deployment"},
                 {"metadata", {{"name", "web"}}},
                 {"spec",
                  {{"replicas", replicas},
                   {"strategy", {{"rollingUpdate", {{"maxSurge", 1}, {"maxUnavailable", 0}}}}},
                   {"template", {{"metadata", {{"labels", {{"app", "web"}}}}}, {"spec", spec}}}}}};
  json service = {
      {"apiVersion", "v1"},
      {"kind", "Service"},
      {"metadata", {{"name", "web"}}},
      {"spec",
       {{"selector", {{"app", "web"}}}, {"ports", {{{"port", 80}, {"targetPort", "http"}}}}}}};
  return {claim(), object, service};
}

/// The body that a GET is answered with, or "" if anything goes wrong.
std::string get(const std::string& url) {
  const int port = std::stoi(url.substr(url.rfind(':') + 1));
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    [[maybe_unused]] const auto sent = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char bytes[512];
    for (ssize_t count = 0; (count = ::recv(fd, bytes, sizeof bytes, 0)) > 0;)
      answer.append(bytes, static_cast<size_t>(count));
  }
  ::close(fd);
  const size_t body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

/// Processes under our runner's name, of this place.
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

/// Pods of the ReplicaSets of a Deployment.
int pods_of_sets(const std::vector<json>& objects, const std::string& deployment_name) {
  constexpr auto owner = "/metadata/ownerReferences/0/uid";
  const std::string uid =
      find_object(objects, "Deployment", deployment_name)->at("metadata").at("uid");
  int pods = 0;
  for (const auto& set : objects) {
    if (set.at("kind") != "ReplicaSet" || member<std::string>(set, owner, "") != uid) continue;
    for (const auto& pod : objects)
      if (pod.at("kind") == "Pod" &&
          member<std::string>(pod, owner, "") == set.at("metadata").at("uid").get<std::string>())
        ++pods;
  }
  return pods;
}

bool ready(const std::vector<json>& objects, int replicas) {
  const json* web = find_object(objects, "Deployment", "web");
  return web != nullptr &&
         member<int>(*web, "/status/observedGeneration", 0) ==
             web->at("metadata").at("generation") &&
         member<int>(*web, "/status/updatedReplicas", 0) == replicas &&
         member<int>(*web, "/status/availableReplicas", 0) == replicas &&
         member<int>(*web, "/status/replicas", 0) == replicas;
}

}  // namespace

TEST_CASE("an Indexed Job of three runs to its end") {
  Place place;
  json three = job("three",
                   {"echo", "rank $(JOB_COMPLETION_INDEX) of $(N)", "$(CPU) $(NAME) $(HOST_)",
                    "$$(N) $(NOPE)", "$(LOTSE_VOLUME_DATA)", "$(LOTSE_RENDEZVOUS)"},
                   3);
  auto& container = three["spec"]["template"]["spec"]["containers"][0];
  container["resources"] = {{"limits", {{"cpu", "1500m"}}}};
  const auto field = [](const char* path) { return json{{"fieldRef", {{"fieldPath", path}}}}; };
  container["env"] = {
      {{"name", "N"}, {"value", "3"}},
      {{"name", "LOTSE_RENDEZVOUS"}, {"value", "three-0.peers:29500"}},
      {{"name", "LOTSE_VOLUME_DATA"}, {"value", "/only/in/a/pod"}},
      {{"name", "CPU"}, {"valueFrom", {{"resourceFieldRef", {{"resource", "limits.cpu"}}}}}},
      {{"name", "NAME"}, {"valueFrom", field("metadata.namespace")}},
      {{"name", "HOST_"}, {"valueFrom", field("status.podIP")}}};
  three["metadata"]["namespace"] = "lab";
  place.store.apply("three", {claim(), three}, place.options);
  REQUIRE(place.job_is("three", "Complete"));

  const auto status = place.object("three", "Job", "three").at("status");
  CHECK(status.at("succeeded") == 3);
  CHECK(status.at("failed") == 0);
  CHECK(status.at("completedIndexes") == "0-2");
  std::map<int64_t, std::vector<std::string>> lines;
  place.store.follow_logs(
      "three", {}, [&](const LogLine& line) { lines[line.index.value()].push_back(line.text); });
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].at(0) == "rank 1 of 3");
  CHECK(lines[1].at(1) == "2 lab 127.0.0.1");
  CHECK(lines[1].at(2) == "$(N) $(NOPE)");
  CHECK(lines[1].at(3) == place.store.claim_folder("data").string());
  CHECK(lines[1].at(4).starts_with("127.0.0.1:"));
  CHECK(lines[0].at(4) == lines[2].at(4));

  LogOptions one;
  one.rank = 2;
  one.tail = 1;
  CHECK(place.log("three", one).size() == 1);
  CHECK(place.eventually("three", [&](const auto&) {
    return place.store.supervisor("three") == SupervisorState::ended;
  }));
}

TEST_CASE("exit codes are treated by podFailurePolicy and backoffLimit") {
  struct Row {
    const char* codes;
    const char* end;
    const char* reason;
    int failed, pods;
  };
  const Row row = GENERATE(Row{"2", "Failed", "PodFailurePolicy", 1, 1},
                           Row{"75,76,75,76,0", "Complete", "CompletionsReached", 0, 5},
                           Row{"77,1,0", "Complete", "CompletionsReached", 2, 3},
                           Row{"1,77,1", "Failed", "BackoffLimitExceeded", 3, 3},
                           Row{"75,1,2", "Failed", "PodFailurePolicy", 2, 3});
  CAPTURE(row.codes);
  Place place;
  place.store.apply("codes", {claim(), job("codes", {"exit", row.codes})}, place.options);
  REQUIRE(place.job_is("codes", row.end));
  const auto objects = place.store.snapshot("codes");
  const json* ended = find_object(objects, "Job", "codes");
  CHECK(ended->at("status").at("failed") == row.failed);
  for (const auto& one : ended->at("status").at("conditions"))
    if (one.at("type") == row.end) CHECK(one.at("reason") == row.reason);
  CHECK(std::count_if(objects.begin(), objects.end(),
                      [](const json& one) { return one.at("kind") == "Pod"; }) == row.pods);
}

TEST_CASE("the manifests alone say what runs") {
  Place place;
  const auto config = [](const char* text) {
    return json{{"apiVersion", "v1"},
                {"kind", "ConfigMap"},
                {"metadata", {{"name", "settings"}}},
                {"data", {{"run.json", text}}}};
  };
  json reader = job("reader-1", {"cat", "CONFIG", "run.json"});
  auto& spec = reader["spec"]["template"]["spec"];
  spec["volumes"].push_back({{"name", "config"}, {"configMap", {{"name", "settings"}}}});
  spec["containers"][0]["volumeMounts"].push_back({{"name", "config"}, {"mountPath", "/etc/run"}});
  place.store.apply("reader", {claim(), config("{\"epochs\": 1}"), reader}, place.options);
  REQUIRE(place.job_is("reader", "Complete"));
  CHECK(place.log("reader") == std::vector<std::string>{"{\"epochs\": 1}"});

  // An edit, as `template render | edit | apply` makes it: another Job, another file.
  json edited = reader;
  edited["metadata"]["name"] = "reader-2";
  place.store.apply("reader", {claim(), config("{\"epochs\": 2}"), edited}, place.options);
  CHECK(place.eventually("reader", [&](const auto& objects) {
    const json* second = find_object(objects, "Job", "reader-2");
    return second != nullptr && Place::has_condition(*second, "Complete");
  }));
  const auto lines = place.log("reader");
  CHECK(std::find(lines.begin(), lines.end(), "{\"epochs\": 2}") != lines.end());

  // The same name must keep its template.
  edited["spec"]["template"]["spec"]["containers"][0]["args"] = {"echo", "other"};
  CHECK_THROWS_AS(place.store.apply("reader", {claim(), config("{}"), edited}, place.options),
                  base::Error);
}

TEST_CASE("what cannot be honoured is refused by name") {
  Place place;
  json wrong = job("wrong", {"echo"});
  auto& spec = wrong["spec"]["template"]["spec"];
  spec["containers"][0]["image"] = "example.test/nginx:1";
  spec["initContainers"] = json::array({json::object()});
  wrong["spec"]["successPolicy"] = json::object();
  std::string text;
  try {
    place.store.apply("wrong", {wrong, {{"kind", "StatefulSet"}, {"metadata", {{"name", "x"}}}}},
                      place.options);
  } catch (const base::Error& e) {
    CHECK(e.kind() == base::ErrorKind::invalid);
    for (const auto& one : e.diagnostics()) text += to_string(one) + "\n";
  }
  for (const char* part :
       {"nginx", "initContainers", "successPolicy", "StatefulSet", "no claim data"})
    CHECK_THAT(text, Catch::Contains(part));
  CHECK(place.store.workloads().empty());
  CHECK_THROWS_AS(place.store.snapshot("nothing"), base::Error);
}

TEST_CASE("stop gives pods their grace and kills the deaf ones") {
  Place place;
  place.store.apply("calm", {claim(), job("calm", {"sleep"})}, place.options);
  place.store.apply("deaf", {claim(), job("deaf", {"deaf"})}, place.options);
  for (const char* name : {"calm", "deaf"})
    REQUIRE(place.eventually(name, [&](const auto&) {
      return place.log(name) == std::vector<std::string>{"sleeping"};
    }));
  place.store.stop("calm");
  CHECK(place.log("calm") == std::vector<std::string>{"sleeping", "saved"});
  CHECK(Place::has_condition(place.object("calm", "Job", "calm"), "Suspended"));
  CHECK(place.store.supervisor("calm") == SupervisorState::stopped);
  place.store.stop("deaf", 0s);
  CHECK(processes(place) == 0);
  for (const auto& object : place.store.snapshot("deaf"))
    if (object.at("kind") == "Pod")
      CHECK(member<int>(object, "/status/containerStatuses/0/state/terminated/exitCode", 0) == 137);

  // Apply starts a stopped workload again.
  place.store.apply("calm", {claim(), job("calm", {"sleep"})}, place.options);
  CHECK(place.eventually("calm", [](const auto& objects) {
    return member<int>(*find_object(objects, "Job", "calm"), "/status/active", 0) == 1;
  }));
}

TEST_CASE("a rolling update under constant requests loses none") {
  Place place;
  place.store.apply("web", deployment("one", 2), place.options);
  REQUIRE(place.eventually("web", [](const auto& objects) { return ready(objects, 2); }));
  const std::string url =
      place.object("web", "Service", "web").at("metadata").at("annotations").at("lotse.dev/url");
  CHECK(get(url) == "one");
  // Owned as in a cluster: Pod, ReplicaSet, Deployment.
  CHECK(pods_of_sets(place.store.snapshot("web"), "web") == 2);

  std::atomic<bool> end{false};
  std::atomic<int> lost{0}, old_ones{0}, new_ones{0};
  std::thread client([&] {
    while (!end) {
      const auto body = get(url);
      (body == "one" ? old_ones : body == "two" ? new_ones : lost)++;
      std::this_thread::sleep_for(1ms);
    }
  });
  place.store.apply("web", deployment("two", 2), place.options);
  int fewest = 2;
  const bool done = place.eventually("web", [&](const auto& objects) {
    fewest = std::min(fewest, member<int>(*find_object(objects, "Deployment", "web"),
                                          "/status/availableReplicas", 2));
    return ready(objects, 2);
  });
  std::this_thread::sleep_for(100ms);
  end = true;
  client.join();
  CHECK(done);
  CHECK(lost == 0);
  CHECK(old_ones > 0);
  CHECK(new_ones > 0);
  CHECK(fewest == 2);
  CHECK(
      place.object("web", "Service", "web").at("metadata").at("annotations").at("lotse.dev/url") ==
      url);
}

TEST_CASE("a container that fails its liveness probe is started again") {
  Place place;
  const auto sick = (place.folder.path() / "sick").string();
  place.store.apply("web", deployment("one", 1, sick), place.options);
  REQUIRE(place.eventually("web", [](const auto& objects) { return ready(objects, 1); }));
  base::write_file_atomic(sick, "");
  CHECK(place.eventually("web", [](const auto& objects) {
    for (const auto& object : objects)
      if (object.at("kind") == "Pod" &&
          member<int>(object, "/status/containerStatuses/0/restartCount", 0) == 1)
        return ready(objects, 1);
    return false;
  }));
  LogOptions previous;
  previous.previous = true;
  CHECK(place.log("web", previous) == std::vector<std::string>{"listening", "drained"});
  CHECK(place.log("web") == std::vector<std::string>{"listening"});
}

TEST_CASE("a killed supervisor leaves no process, and is not lied about") {
  Place place;
  const std::string verb = GENERATE("sleep", "deaf");
  place.store.apply("lost", {claim(), job("lost", {verb}, 2)}, place.options);
  REQUIRE(place.eventually("lost", [](const auto& objects) {
    return member<int>(*find_object(objects, "Job", "lost"), "/status/active", 0) == 2;
  }));
  const json record = read_json(place.store.folder("lost") / "supervisor.json").value_or(json());
  REQUIRE(::kill(record.at("pid").get<pid_t>(), SIGKILL) == 0);
  REQUIRE(place.eventually("lost", [&](const auto&) {
    return place.store.supervisor("lost") == SupervisorState::lost;
  }));
  CHECK(Place::has_condition(place.object("lost", "Job", "lost"), "SupervisorLost"));
  CHECK(place.eventually("lost", [&](const auto&) { return processes(place) == 0; }));

  place.store.apply("lost", {claim(), job("lost", {verb}, 2)}, place.options);
  CHECK(place.eventually("lost", [](const auto& objects) {
    const json* one = find_object(objects, "Job", "lost");
    return member<int>(*one, "/status/active", 0) == 2 &&
           !Place::has_condition(*one, "SupervisorLost");
  }));
}

TEST_CASE("remove leaves nothing but the claims, and says so") {
  Place place;
  place.store.apply("gone", {claim(), job("gone", {"sleep"})}, place.options);
  REQUIRE(place.eventually("gone", [&](const auto&) { return processes(place) == 1; }));
  const auto removal = place.store.remove("gone", false);
  CHECK(processes(place) == 0);
  CHECK(removal.claims_left == std::vector<std::string>{"data"});
  CHECK(std::find(removal.removed.begin(), removal.removed.end(), "job/gone") !=
        removal.removed.end());
  CHECK(fs::exists(place.store.claim_folder("data")));
  CHECK_FALSE(fs::exists(place.store.folder("gone")));

  place.store.apply("gone", {claim(), job("gone", {"echo"})}, place.options);
  CHECK(place.store.remove("gone", true).claims_removed.size() == 1);
  CHECK_FALSE(fs::exists(place.store.claim_folder("data")));
}

TEST_CASE("an ended Job runs again when asked to, and only then") {
  Place place;
  const std::vector<json> manifests = {claim(), job("again", {"exit", "2,0"})};
  place.store.apply("again", manifests, place.options);
  REQUIRE(place.job_is("again", "Failed"));
  place.store.apply("again", manifests, place.options);
  REQUIRE(place.job_is("again", "Failed"));
  place.options.rerun = true;
  place.store.apply("again", manifests, place.options);
  CHECK(place.job_is("again", "Complete"));
  const auto objects = place.store.snapshot("again");
  const auto count = [&](const char* kind) {
    return std::count_if(objects.begin(), objects.end(),
                         [&](const json& one) { return one.at("kind") == kind; });
  };
  CHECK(count("Job") == 1);
  CHECK(count("Pod") == 1);
}

TEST_CASE("logs keep every line, long ones and the last one too") {
  Place place;
  place.store.apply("flood", {claim(), job("flood", {"flood", "20000"})}, place.options);
  LogOptions follow;
  follow.follow = true;
  const auto lines = place.log("flood", follow);
  REQUIRE(lines.size() == 20002);
  CHECK(lines[19999].starts_with("line 19999 "));
  CHECK(lines[20000] == std::string(40000, 'y'));
  CHECK(lines[20001] == "no newline");
}

TEST_CASE("commands at the same time do not disturb each other") {
  Place place;
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> problems{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      try {
        place.store.apply("same", {claim(), job("same", {"sleep"})}, place.options);
      } catch (const std::exception&) {
        ++problems;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(problems == 0);
  CHECK(place.eventually("same", [&](const auto&) { return processes(place) == 1; }));
}
