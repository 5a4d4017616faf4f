#include <signal.h>

#include <thread>

#include "base/strings.h"

#include "unit/local/place.h"

using namespace lotse::local;
namespace object = lotse::object;
namespace base = lotse::base;

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
      "three", {}, [&](const LogLine& line) { lines[line.rank.value()].push_back(line.text); });
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
                      [](const json& one) { return object::kind_of(one) == "Pod"; }) == row.pods);
  std::vector<std::pair<int64_t, std::string>> tries;
  place.store.follow_logs(
      "codes", {}, [&](const LogLine& line) { tries.emplace_back(line.attempt, line.text); });
  const auto codes = base::split(row.codes, ',');
  REQUIRE(tries.size() == codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    CHECK(tries[i].first == static_cast<int64_t>(i) + 1);
    CHECK(tries[i].second == "ends with " + codes[i]);
  }
}

TEST_CASE("a share that fails again and again does not keep the others from ending theirs") {
  Place place;
  json shares = job("shares", {"fail-index", "1"}, 3);
  shares["spec"].erase("backoffLimit");
  shares["spec"]["backoffLimitPerIndex"] = 1;
  place.store.apply("shares", {claim(), shares}, place.options);
  REQUIRE(place.job_is("shares", "Failed"));
  const auto status = place.object("shares", "Job", "shares").at("status");
  CHECK(status.at("completedIndexes") == "0,2");
  CHECK(status.at("failedIndexes") == "1");
  CHECK(status.at("failed") == 2);
  for (const auto& one : status.at("conditions"))
    if (one.at("type") == "Failed") CHECK(one.at("reason") == "FailedIndexes");
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
    if (object::kind_of(object) == "Pod")
      CHECK(object::number_at(object::list_at(object, {"status", "containerStatuses"}).at(0),
                              {"state", "terminated", "exitCode"}) == 137);

  // Apply starts a stopped workload again.
  place.store.apply("calm", {claim(), job("calm", {"sleep"})}, place.options);
  CHECK(place.eventually("calm", [](const auto& objects) {
    return object::number_at(*find_object(objects, "Job", "calm"), {"status", "active"}) == 1;
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
                         [&](const json& one) { return object::kind_of(one) == kind; });
  };
  CHECK(count("Job") == 1);
  CHECK(count("Pod") == 1);
}

TEST_CASE("a run keeps its name while its workload is there") {
  Place place;
  const json anchor = {
      {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "named"}}}};
  json run = job("named-1", {"print", "LOTSE_RUN_ID"});
  auto& spec = run["spec"]["template"];
  spec["metadata"]["annotations"]["lotse.dev/run"] = "0123abcd";
  spec["spec"]["containers"][0]["env"].push_back(
      {{"name", "LOTSE_RUN_ID"},
       {"valueFrom", {{"fieldRef", {{"fieldPath", "metadata.annotations['lotse.dev/run']"}}}}}});
  place.options.rerun = true;
  const auto name = [&] {
    place.store.apply("named", {claim(), anchor, run}, place.options);
    REQUIRE(place.job_is("named", "Complete"));
    const auto lines = place.log("named");
    REQUIRE(lines.size() == 1);
    return lines[0];
  };
  const auto first = name();
  CHECK(first == object::text_at(place.object("named", "ConfigMap", "named"), {"metadata", "uid"}) +
                     "/0123abcd");
  CHECK(name() == first);
  place.store.remove("named", false);
  const auto second = name();
  CHECK(second != first);
  CHECK(second.ends_with("/0123abcd"));
}

TEST_CASE("a supervisor keeps no descriptor of pods that have ended") {
  Place place;
  std::string codes;
  for (int i = 0; i < 30; ++i) codes += "75,";
  place.options.backoff = 1ms;
  place.store.apply("many", {claim(), job("many", {"exit", codes + "2"})}, place.options);
  const auto pid = [&] {
    const auto record = read_json(WorkloadFiles{place.store.folder("many")}.supervisor());
    return record.value_or(json::object()).value("pid", 0);
  };
  size_t most = 0;
  CHECK(place.eventually("many", [&](const auto& objects) {
    std::error_code none;
    size_t open = 0;
    for ([[maybe_unused]] const auto& entry :
         fs::directory_iterator("/proc/" + std::to_string(pid()) + "/fd", none))
      ++open;
    most = std::max(most, open);
    const json* found = find_object(objects, "Job", "many");
    return found != nullptr && Place::has_condition(*found, "Failed");
  }));
  CHECK(place.store.snapshot("many").size() > 30);
  CHECK(most > 0);
  CHECK(most < 25);
}

TEST_CASE(
    "what cannot be written is said once, and the supervisor still ends when it is asked to") {
  Place place;
  place.store.apply("w", {claim(), job("w", {"sleep"})}, place.options);
  const WorkloadFiles files{place.store.folder("w")};
  REQUIRE(place.eventually("w", [&](const auto& objects) {
    return std::any_of(objects.begin(), objects.end(), [](const json& one) {
      return object::text_at(one, {"status", "phase"}) == "Running";
    });
  }));
  const pid_t pid = read_json(files.supervisor())->value("pid", 0);
  // A folder in the place of each file that it writes or locks.
  for (const auto& file : {files.objects(), files.supervisor(), files.lock()}) {
    fs::remove(file);
    fs::create_directories(file / "in the way");
  }
  ::kill(pid, SIGTERM);
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (::kill(pid, 0) == 0 && process_start_time(pid) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(20ms);
  CHECK_FALSE(process_start_time(pid));
  const auto said = base::read_file(files.supervisor_log());
  CHECK(std::count(said.begin(), said.end(), '\n') >= 1);
  CHECK(std::count(said.begin(), said.end(), '\n') < 6);
  for (const auto& file : {files.objects(), files.supervisor(), files.lock()}) fs::remove_all(file);
}

TEST_CASE("the end of the log becomes the termination message where the manifest asks for it") {
  Place place;
  json failing = job("words", {"flood", "200"});
  auto& container = failing["spec"]["template"]["spec"]["containers"][0];
  container["terminationMessagePolicy"] = "FallbackToLogsOnError";
  container["args"] = {"fail", "no such model"};
  place.store.apply("words", {claim(), failing}, place.options);
  REQUIRE(place.job_is("words", "Failed"));
  for (const auto& one : place.store.snapshot("words"))
    if (object::kind_of(one) == "Pod")
      CHECK(
          one.at("status").at("containerStatuses")[0].at("state").at("terminated").at("message") ==
          "no such model\n");
}

TEST_CASE("a Job for a queue runs here at once, and is stopped like any other") {
  Place place;
  json queued = job("queued", {"sleep"});
  queued["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = "team";
  queued["spec"]["suspend"] = true;
  place.store.apply("queued", {claim(), queued}, place.options);
  CHECK(place.eventually("queued", [&](const auto& objects) {
    return std::any_of(objects.begin(), objects.end(), [](const json& one) {
      return object::text_at(one, {"status", "phase"}) == "Running";
    });
  }));
  place.store.stop("queued", 1s);
  const auto status = place.object("queued", "Job", "queued").at("status");
  REQUIRE(status.at("conditions").size() == 1);
  CHECK(status.at("conditions")[0].at("type") == "Suspended");
  CHECK(status.at("conditions")[0].at("reason") == "Stopped");
}

TEST_CASE("followed logs end when enough is known, or at once when that throws") {
  Place place;
  place.store.apply("w", {claim(), job("w", {"sleep"})}, place.options);
  LogOptions follow;
  follow.follow = true;
  int lines = 0;
  place.store.follow_logs(
      "w", follow, [&](const LogLine&) { ++lines; }, [&] { return lines > 0; });
  CHECK(lines == 1);
  const auto leave = []() -> bool {
    throw lotse::base::Error(lotse::base::ErrorKind::timeout, "");
  };
  CHECK_THROWS_AS(place.store.follow_logs(
                      "w", follow, [](const LogLine&) {}, leave),
                  lotse::base::Error);
}
