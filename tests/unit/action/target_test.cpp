// The verbs against a Target in memory.
#include <catch2/catch.hpp>

#include "action/attach.h"
#include "action/status.h"
#include "action/submit.h"
#include "action/wait.h"
#include "base/error.h"
#include "support/memory_target.h"

using namespace lotse::action;
using lotse::base::Error;
using lotse::base::ErrorKind;
using lotse::test::MemoryTarget;
using lotse::workload::Phase;

namespace {

/// A server that does not answer so many questions; after each wait for a change, too.
class Away : public MemoryTarget {
 public:
  int now = 0;
  int after_change = 0;
  Away() {
    before_snapshot = [this] {
      if (now > 0 && now-- > 0) throw Error(ErrorKind::unreachable, "cannot reach it");
    };
  }
  void wait_change(const std::string& workload, std::string& token,
                   std::chrono::milliseconds timeout) override {
    MemoryTarget::wait_change(workload, token, timeout);
    now = after_change;
  }
};

/// Its logs always owe one more line: following them ends when `stop` throws.
class Owing : public MemoryTarget {
 public:
  void follow_logs(const std::string&, const LogOptions&, const LogSink&,
                   const std::function<bool()>& stop) override {
    while (true) {
      stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
};

json job(const std::string& name, const std::string& condition = "") {
  json made = {{"kind", "Job"},
               {"metadata",
                {{"name", name},
                 {"labels", {{"lotse.dev/workload", "w"}, {"lotse.dev/template", "train"}}}}},
               {"spec", {{"completions", 1}}},
               {"status", json::object()}};
  if (!condition.empty())
    made["status"]["conditions"] = {{{"type", condition}, {"status", "True"}}};
  return made;
}

json queued_job(const std::string& name) {
  auto made = job(name, "Suspended");
  made["spec"]["suspend"] = true;
  made["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = "q";
  return made;
}

/// What is left of a workload whose Job is gone.
json anchor() {
  return {{"kind", "ConfigMap"},
          {"metadata",
           {{"name", "w"},
            {"labels", {{"lotse.dev/workload", "w"}, {"lotse.dev/template", "train"}}},
            {"annotations", {{"lotse.dev/kind", "train"}, {"lotse.dev/revision", "1"}}}}}};
}

Prepared prepared(const std::string& job_name) {
  Prepared one{"w", "ns", {}, {}};
  one.revision.template_name = "train";
  one.revision.objects = {job(job_name)};
  return one;
}

SubmitOptions replacing() {
  SubmitOptions options;
  options.replace = true;
  return options;
}

ErrorKind kind_thrown(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  FAIL("nothing was thrown");
  return ErrorKind::failed;
}

}  // namespace

TEST_CASE("wait ends with the run and passes its code on") {
  MemoryTarget target;
  target.show("w", {{job("a")}, {job("a")}, {job("a", "Complete")}});
  const auto state = wait(target, "w", WaitFor::ended, {});
  CHECK(state.phase == Phase::succeeded);
  CHECK(exit_code_of(state) == 0);
  target.show("w", {{job("a", "Failed")}});
  CHECK(exit_code_of(wait(target, "w", WaitFor::ended, {})) == 1);
}

TEST_CASE("a server that does not answer for a while does not end a wait that has begun") {
  Away target;
  target.show("w", {{job("a")}, {job("a", "Complete")}});
  target.after_change = 2;
  CHECK(wait(target, "w", WaitFor::ended, {}).phase == Phase::succeeded);
  target.show("w", {{job("a")}});
  target.after_change = 1000;
  CHECK(kind_thrown([&] {
          wait(target, "w", WaitFor::ended, {std::chrono::seconds(1), {}});
        }) == ErrorKind::timeout);
  target.now = 1;
  CHECK(kind_thrown([&] { wait(target, "w", WaitFor::ended, {}); }) == ErrorKind::unreachable);
}

TEST_CASE("a wait gives up where somebody else must act, and says what") {
  MemoryTarget target;
  auto running = job("a");
  running["metadata"]["uid"] = "u";
  const json unplaced = {
      {"kind", "Pod"},
      {"metadata", {{"name", "p"}, {"ownerReferences", {{{"kind", "Job"}, {"uid", "u"}}}}}},
      {"status",
       {{"phase", "Pending"},
        {"conditions",
         {{{"type", "PodScheduled"},
           {"status", "False"},
           {"reason", "Unschedulable"},
           {"message", "0/1 nodes are available: 1 Insufficient cpu."}}}}}}};
  target.show("w", {{running, unplaced}});
  std::string told;
  try {
    wait(target, "w", WaitFor::ended, {{}, std::chrono::seconds(1)});
  } catch (const lotse::base::Error& error) {
    CHECK(error.kind() == ErrorKind::timeout);
    told = error.what();
  }
  CHECK_THAT(told, Catch::Contains("blocked for 1 s: NoNodeFits: Unschedulable: 0/1 nodes"));
  target.show("w", {{running, unplaced}, {job("a", "Complete")}});
  CHECK(wait(target, "w", WaitFor::ended, {{}, std::chrono::seconds(60)}).phase ==
        Phase::succeeded);
}

TEST_CASE("a wait that takes too long is a timeout, one for nothing is not_found") {
  MemoryTarget target;
  CHECK(kind_thrown([&] { wait(target, "w", WaitFor::ended, {}); }) == ErrorKind::not_found);
  target.show("w", {{job("a")}});
  CHECK(kind_thrown([&] {
          wait(target, "w", WaitFor::ended, {std::chrono::seconds(0), {}});
        }) == ErrorKind::timeout);
}

TEST_CASE("the same content attaches while it runs, and runs again once it has ended") {
  MemoryTarget target;
  target.show("w", {{job("w-1")}});
  CHECK(submit(target, prepared("w-1"), {}).attached);
  CHECK(target.asked.empty());
  target.show("w", {{job("w-1", "Failed")}});
  CHECK_FALSE(submit(target, prepared("w-1"), {}).attached);
  CHECK(target.asked == std::vector<std::string>{"remove w-1", "apply w"});
}

TEST_CASE("what waits in a queue is waited for, and the same content attaches to it") {
  MemoryTarget target;
  target.show("w", {{queued_job("w-1")}, {queued_job("w-1")}, {job("w-1", "Complete")}});
  CHECK(wait(target, "w", WaitFor::ended, {}).phase == Phase::succeeded);
  target.asked.clear();
  target.show("w", {{queued_job("w-1")}});
  CHECK(submit(target, prepared("w-1"), {}).attached);
  CHECK(target.asked.empty());
  CHECK(kind_thrown([&] { submit(target, prepared("w-2"), {}); }) == ErrorKind::conflict);
}

TEST_CASE("a Job that is gone ends the wait, one that comes again does not") {
  MemoryTarget target;
  target.show("w", {{anchor(), job("w-1")}, {anchor()}, {anchor(), job("w-1", "Complete")}});
  CHECK(wait(target, "w", WaitFor::ended, {}).phase == Phase::succeeded);
  REQUIRE(target.asked.size() == 1);
  CHECK_THAT(target.asked[0],
             Catch::StartsWith("patch w {\"lotse.dev/result\"") && Catch::Contains("Succeeded"));
  target.show("w", {{anchor(), job("w-1")}, {anchor()}});
  CHECK(kind_thrown([&] { wait(target, "w", WaitFor::ended, {}); }) == ErrorKind::not_found);
}

TEST_CASE("what no waiting cures ends the wait") {
  MemoryTarget target;
  json refused = job("w-1");
  json event = {{"kind", "Event"},
                {"type", "Warning"},
                {"reason", "FailedCreate"},
                {"note", "pods \"w-1-0-x\" is forbidden: violates PodSecurity \"restricted\""},
                {"regarding", {{"kind", "Job"}, {"name", "w-1"}}}};
  target.show("w", {{refused}, {refused, event}});
  CHECK(kind_thrown([&] { wait(target, "w", WaitFor::ended, {}); }) == ErrorKind::impossible);
}

TEST_CASE("an attached command ends when its time is up, whatever the logs still owe") {
  Owing target;
  target.show("w", {{job("w-1")}});
  const auto start = std::chrono::steady_clock::now();
  CHECK(kind_thrown([&] {
          attach(target, "w", {std::chrono::seconds(1), {}}, {[](const LogLine&) {}, {}});
        }) == ErrorKind::timeout);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}

TEST_CASE("other content is refused while an earlier run goes on, unless it replaces it") {
  MemoryTarget target;
  target.show("w", {{job("w-1")}});
  CHECK(kind_thrown([&] { submit(target, prepared("w-2"), {}); }) == ErrorKind::conflict);
  CHECK(target.asked.empty());
  CHECK(submit(target, prepared("w-2"), replacing()).replaced ==
        std::vector<std::string>{"job/w-1"});
  CHECK(target.asked == std::vector<std::string>{"remove w-1", "apply w"});
}

TEST_CASE(
    "of two commands at the same moment the slower attaches to the same, else it is a conflict") {
  MemoryTarget target;
  target.before_apply = [&] { target.show("w", {{job("w-1")}}); };
  CHECK(submit(target, prepared("w-1"), {}).attached);
  CHECK(target.asked == std::vector<std::string>{"apply w"});

  const auto anchor = [](const char* revision) {
    return json{{"kind", "ConfigMap"},
                {"metadata",
                 {{"name", "w"},
                  {"resourceVersion", "7"},
                  {"annotations", {{"lotse.dev/revision", revision}}}}}};
  };
  target.forget("w");
  target.before_apply = [&] { target.show("w", {{anchor("00000002"), job("w-2")}}); };
  CHECK(kind_thrown([&] { submit(target, prepared("w-1"), {}); }) == ErrorKind::conflict);
  target.forget("w");
  target.before_apply = [&] { target.show("w", {{anchor("00000002"), job("w-2")}}); };
  CHECK(kind_thrown([&] { submit(target, prepared("w-1"), replacing()); }) == ErrorKind::conflict);
  CHECK(target.asked.back() == "apply w");
  // A service has no Job to tell the two apart.
  target.forget("w");
  target.before_apply = [&] { target.show("w", {{anchor("00000002")}}); };
  CHECK(kind_thrown([&] { submit(target, prepared("w-1"), {}); }) == ErrorKind::conflict);
}

TEST_CASE("a name that another template took is a conflict") {
  MemoryTarget target;
  target.show("w", {{job("w-1", "Complete")}});
  auto other = prepared("w-2");
  other.revision.template_name = "infer";
  CHECK(kind_thrown([&] { submit(target, other, replacing()); }) == ErrorKind::conflict);
}

TEST_CASE("names that are made are DNS labels of at most 40 characters") {
  const auto name = make_name(
      "train", {{"model", "volume:runs/My Very Long Model_Name that goes on and on.safetensors"}});
  CHECK(name.size() <= 40);
  CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
  CHECK(make_name("train", {{"model", "yolo26n"}}).find("train-yolo26n-") == 0);
}

namespace {

/// A pod of the Job w-1.
json ranked_pod(const std::string& name, int rank, const std::string& phase) {
  return {{"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"ownerReferences", {{{"kind", "Job"}, {"name", "w-1"}, {"uid", "j"}}}},
            {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(rank)}}}}},
          {"spec", {{"containers", {{{"name", "runner"}}}}}},
          {"status", {{"phase", phase}}}};
}

}  // namespace

TEST_CASE("progress of workers that have each a share is the sum of what they say") {
  auto made = job("w-1", "");
  made["metadata"]["uid"] = "j";
  made["spec"]["backoffLimitPerIndex"] = 3;
  made["spec"]["completions"] = 3;
  MemoryTarget target;
  target.put("w", {made, ranked_pod("w-1-2", 2, "Pending"), ranked_pod("w-1-1", 1, "Running"),
                   ranked_pod("w-1-0", 0, "Succeeded")});
  target.printed(
      "w",
      {{"",
        {},
        "2026-11-24T10:00:00Z",
        R"({"event":"progress","message":"m","done":20,"total":50,"unit":"pictures","workers":3,"all":150,"per_second":2,"eta_seconds":15})"},
       {"", {}, "", R"({"event":"result","message":"done"})"}});
  const auto state = status(target, "w");
  const auto sum = progress(target, state);
  REQUIRE(sum);
  CHECK(sum->done == 40);
  CHECK(sum->total == 150);
  CHECK(sum->message == "2 of 3 workers  40/150 pictures  4.0 pictures/s  15 s left");
  for (const auto& cause : state.causes) CHECK(cause.code.kind().code != "WaitingForPeers");
}

TEST_CASE("progress is what rank 0 said last, of a run that goes on") {
  const auto pod = ranked_pod;
  const auto said = [](int done) {
    return LogLine{"",
                   {},
                   "2026-11-24T10:00:00Z",
                   R"({"event":"progress","message":"m","done":)" + std::to_string(done) + "}"};
  };
  const LogLine epoch{"", {}, "", R"({"event":"epoch","message":"epoch 1/2"})"};
  const LogLine result{"", {}, "", R"({"event":"result","message":"done"})"};
  const LogLine other{"", {}, "", "a library warns"};
  const auto run = [](const std::string& condition) {
    auto made = job("w-1", condition);
    made["metadata"]["uid"] = "j";
    return made;
  };
  MemoryTarget target;
  const auto look = [&] { return progress(target, status(target, "w")); };

  target.put("w", {run(""), pod("w-1-1", 1, "Running"), pod("w-1-0", 0, "Running")});
  target.printed("w", {said(1), said(2), epoch, other});
  REQUIRE(look());
  CHECK(look()->done == 2);
  CHECK(look()->time == "2026-11-24T10:00:00Z");
  CHECK(target.asked[0] == "log of w-1-0 runner");
  target.printed("w", {said(1), result, other});
  CHECK_FALSE(look());
  target.printed("w", {});
  CHECK_FALSE(look());

  target.asked.clear();
  target.printed("w", {said(1)});
  target.put("w", {run(""), pod("w-1-1", 1, "Running"), pod("w-1-0", 0, "Pending")});
  CHECK_FALSE(look());
  target.put("w", {run("Complete"), pod("w-1-0", 0, "Running")});
  CHECK_FALSE(look());
  CHECK(target.asked.empty());
}
