#include "unit/local/place.h"

using namespace lotse::local;

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
  CHECK(place.log("reader") == std::vector<std::string>{"{\"epochs\": 2}"});

  // The same name must keep its template.
  edited["spec"]["template"]["spec"]["containers"][0]["args"] = {"echo", "other"};
  CHECK_THROWS_AS(place.store.apply("reader", {claim(), config("{}"), edited}, place.options),
                  lotse::base::Error);
}

TEST_CASE("stop gives pods their grace and kills the deaf ones") {
  Place place;
  place.store.apply("calm", {claim(), job("calm", {"sleep"})}, place.options);
  place.store.apply("deaf", {job("deaf", {"deaf"})}, place.options);
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
