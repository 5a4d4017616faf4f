#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "unit/local/place.h"

using namespace lotse::local;
namespace object = lotse::object;

namespace {

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

/// Pods of the ReplicaSets of a Deployment.
int pods_of_sets(const std::vector<json>& objects, const std::string& deployment_name) {
  const auto& deployment = *find_object(objects, "Deployment", deployment_name);
  int pods = 0;
  for (const auto& set : objects) {
    if (object::kind_of(set) != "ReplicaSet" || !object::is_owned_by(set, deployment)) continue;
    for (const auto& pod : objects)
      if (object::kind_of(pod) == "Pod" && object::is_owned_by(pod, set)) ++pods;
  }
  return pods;
}

bool ready(const std::vector<json>& objects, int replicas) {
  const json* web = find_object(objects, "Deployment", "web");
  return web != nullptr &&
         object::number_at(*web, {"status", "observedGeneration"}) ==
             object::number_at(*web, {"metadata", "generation"}) &&
         object::number_at(*web, {"status", "updatedReplicas"}) == replicas &&
         object::number_at(*web, {"status", "availableReplicas"}) == replicas &&
         object::number_at(*web, {"status", "replicas"}) == replicas;
}

}  // namespace

TEST_CASE("how many pods an update may take or leave is a number or a part, or is refused") {
  const Place place;
  auto objects = deployment("one", 2);
  auto& update = objects[1]["spec"]["strategy"]["rollingUpdate"];
  for (const json& wrong : {json("many"), json(""), json("%"), json("50"), json("-1%"), json("5%%"),
                            json("0x1%"), json("9999%"), json(true)}) {
    INFO(wrong.dump());
    update["maxSurge"] = wrong;
    CHECK_THROWS_WITH(place.store.check("web", objects),
                      Catch::Contains("Deployment/web: spec.strategy.rollingUpdate.maxSurge") &&
                          Catch::Contains("neither a whole number nor a part such as 25%"));
  }
  for (const json& right : {json("50%"), json(3), json()}) {
    update["maxSurge"] = right;
    CHECK_NOTHROW(place.store.check("web", objects));
  }
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
    fewest = std::min(fewest,
                      static_cast<int>(object::number_at(*find_object(objects, "Deployment", "web"),
                                                         {"status", "availableReplicas"}, 2)));
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
  lotse::base::write_file_atomic(sick, "");
  CHECK(place.eventually("web", [](const auto& objects) {
    for (const auto& object : objects)
      if (object::kind_of(object) == "Pod" &&
          object::number_at(object::list_at(object, {"status", "containerStatuses"}).at(0),
                            {"restartCount"}) == 1)
        return ready(objects, 1);
    return false;
  }));
  LogOptions previous;
  previous.previous = true;
  CHECK(place.log("web", previous) == std::vector<std::string>{"listening", "drained"});
  CHECK(place.log("web") == std::vector<std::string>{"listening"});
}
