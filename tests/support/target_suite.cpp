#include "support/target_suite.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "action/history.h"
#include "action/prepare.h"
#include "object/member.h"
#include "object/reference.h"
#include "release/diff.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::action;
using namespace std::chrono_literals;
using base::ErrorKind;
using test::error_from;
using test::Site;

namespace {

using Clock = std::chrono::steady_clock;
using Names = std::set<std::string>;

/// A site, whose name every failure tells until it goes.
class Told {
 public:
  explicit Told(const test::NamedSite& site)
      : message_(Catch::MessageBuilder("INFO", CATCH_INTERNAL_LINEINFO, Catch::ResultWas::Info)
                 << "the target " << site.name),
        site_(site.make()) {}
  Site& operator*() const { return *site_; }
  Site* operator->() const { return site_.get(); }

 private:
  Catch::ScopedMessage message_;
  std::unique_ptr<Site> site_;
};

/// Each test case runs once a site.
Told a_site() {
  static const auto all = test::sites();
  return Told(GENERATE(from_range(all)));
}

json labels_of(const std::string& workload) {
  return {{"app.kubernetes.io/managed-by", "lotse"},
          {"lotse.dev/workload", workload},
          {"lotse.dev/template", "train"}};
}

json made(const std::string& api_version, const std::string& kind, const std::string& workload,
          const std::string& name) {
  return {{"apiVersion", api_version},
          {"kind", kind},
          {"metadata", {{"name", name}, {"labels", labels_of(workload)}}}};
}

json claim(const std::string& workload, const std::string& name) {
  auto object = made("v1", "PersistentVolumeClaim", workload, name);
  object["spec"] = {{"accessModes", {"ReadWriteMany"}},  // the Job has two pods
                    {"resources", {{"requests", {{"storage", "1Mi"}}}}}};
  return object;
}

/// An Indexed Job of two pods that mounts the workload's claim and configuration.
json job(const std::string& workload, const std::string& content, const json& container) {
  auto object = made("batch/v1", "Job", workload, workload + "-" + content);
  const json spec = {
      {"restartPolicy", "Never"},
      {"terminationGracePeriodSeconds", 1},
      {"containers", {container}},
      {"volumes",
       {{{"name", "output"}, {"persistentVolumeClaim", {{"claimName", workload + "-output"}}}},
        {{"name", "config"}, {"configMap", {{"name", workload + "-" + content + "-config"}}}}}}};
  object["spec"] = {
      {"completionMode", "Indexed"},
      {"completions", 2},
      {"parallelism", 2},
      {"backoffLimit", 0},
      {"template", {{"metadata", {{"labels", labels_of(workload)}}}, {"spec", spec}}}};
  return object;
}

/// Configuration, claim and Job, under one name for each content.
Prepared revision(const std::string& workload, const std::string& content, const json& container) {
  auto config = made("v1", "ConfigMap", workload, workload + "-" + content + "-config");
  config["data"] = {{"run.json", "{\"content\": \"" + content + "\"}"}};
  Prepared prepared{workload, "", {}, {}};
  prepared.revision.number = 1;
  prepared.revision.content = content;
  prepared.revision.cause = "apply";
  prepared.revision.time = "2026-01-01T00:00:00Z";
  prepared.revision.template_name = "train";
  prepared.revision.template_kind = "job";
  prepared.revision.values = {{"content", content}};
  prepared.revision.objects = {config, claim(workload, workload + "-output"),
                               job(workload, content, container)};
  return prepared;
}

/// In the namespace of the target.
std::vector<json> in_place(Target& target, std::vector<json> objects) {
  for (auto& each : objects) each["metadata"]["namespace"] = target.target_namespace();
  return objects;
}

/// What is to be applied, decided by what there is now.
Change change_to(Target& target, const std::string& workload, const Prepared& prepared) {
  std::vector<json> objects = {anchor_of(prepared), secret_of(prepared, prepared.revision)};
  for (const auto& each : prepared.revision.objects) objects.push_back(each);
  objects = in_place(target, std::move(objects));
  return {.objects = objects, .seen = target.written(workload, objects)};
}

Change change_to(Site& site, const std::string& workload, const std::string& content) {
  return change_to(site.target(), workload, revision(workload, content, site.sleeping()));
}

Names names(const Snapshot& objects) {
  Names all;
  for (const auto& each : objects) all.insert(object::describe(each));
  return all;
}
Names names(const std::vector<json>& objects) {
  Names all;
  for (const auto& each : objects) all.insert(object::describe(each));
  return all;
}

/// Without what controllers made; where a run was replaced, of that content alone.
Names names_of(const std::string& workload, const std::string& content) {
  return {"configmap/" + workload, "configmap/" + workload + "-" + content + "-config",
          "persistentvolumeclaim/" + workload + "-output", "job/" + workload + "-" + content,
          "secret/" + workload + ".r1"};
}

bool is_written_by_controllers(const json& object) {
  return object::kind_of(object) == "Job" || object::kind_of(object) == "PersistentVolumeClaim";
}

Written written(Site& site, const std::string& workload) {
  return site.target().written(workload, {});
}

/// The Job of that content, as it is now; null if it is not there.
json job_in(Site& site, const std::string& workload, const std::string& content) {
  const auto objects = site.target().snapshot(workload);
  const json* found = objects.find("Job", workload + "-" + content);
  return found == nullptr ? json() : *found;
}

/// Whether `holds` does within the time that a pod may take.
bool eventually(const std::function<bool()>& holds) {
  const auto end = Clock::now() + 60s;
  while (Clock::now() < end) {
    if (holds()) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

void run_to_its_end(Site& site, const std::string& workload) {
  site.carry_out(workload);
  REQUIRE(eventually([&] {
    return workload::state_of(workload, site.target().snapshot(workload)).phase ==
           workload::Phase::succeeded;
  }));
}

std::vector<LogLine> log(
    Site& site, const std::string& workload, const LogOptions& options = {},
    const std::function<bool()>& stop = [] { return false; }) {
  std::vector<LogLine> lines;
  site.target().follow_logs(
      workload, options, [&](const LogLine& line) { lines.push_back(line); }, stop);
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.rank < b.rank; });
  return lines;
}

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
  std::vector<std::string> all;
  for (const auto& line : lines) all.push_back(std::to_string(line.rank.value()) + " " + line.text);
  return all;
}

}  // namespace

TEST_CASE("a target: what a change names is there afterwards") {
  const auto site = a_site();
  auto& target = site->target();
  const auto change = change_to(*site, "w", "1");
  CHECK(change.seen.version.empty());
  REQUIRE(target.apply("w", change) == Applied::changed);
  const auto now = written(*site, "w");
  CHECK_FALSE(now.version.empty());
  CHECK(names(now.objects) == names_of("w", "1"));
  CHECK(names(now.revisions) == Names{"secret/w.r1"});
  for (const auto& each : now.objects) CHECK_FALSE(object::uid_of(each).empty());
  const json* config = now.objects.find("ConfigMap", "w-1-config");
  REQUIRE(config != nullptr);
  CHECK(object::at(*config, {"data"}) == change.objects[2]["data"]);
  const auto shown = names(target.snapshot("w"));
  for (const auto& name : {"configmap/w", "job/w-1", "persistentvolumeclaim/w-output"})
    CHECK(shown.contains(name));
}

TEST_CASE("a target: all workloads are listed, each with its objects") {
  const auto site = a_site();
  for (const char* name : {"w", "x"})
    REQUIRE(site->target().apply(name, change_to(*site, name, "1")) == Applied::changed);
  const auto all = workload::by_workload(site->target().list());
  REQUIRE(all.size() == 2);
  for (const auto& [name, objects] : all) {
    CHECK(objects.find("ConfigMap", name) != nullptr);
    CHECK(objects.find("Job", name + "-1") != nullptr);
  }
}

TEST_CASE("a target: A6 P4: the same again is unchanged, and is not written again", "[pods]") {
  const auto site = a_site();
  auto& target = site->target();
  const auto prepared = revision("w", "1", site->printing({"once"}));
  REQUIRE(target.apply("w", change_to(target, "w", prepared)) == Applied::changed);
  const auto versions = [&] {
    std::vector<std::string> all;
    for (const auto& each : written(*site, "w").objects)
      if (!is_written_by_controllers(each))
        all.push_back(object::describe(each) + " " + object::uid_of(each) + " " +
                      object::text_at(each, {"metadata", "resourceVersion"}));
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto before = versions();
  const auto version = written(*site, "w").version;
  CHECK(target.apply("w", change_to(target, "w", prepared)) == Applied::unchanged);
  run_to_its_end(*site, "w");
  CHECK(target.apply("w", change_to(target, "w", prepared)) == Applied::unchanged);
  CHECK(versions() == before);
  CHECK(written(*site, "w").version == version);
  CHECK(workload::state_of("w", target.snapshot("w")).phase == workload::Phase::succeeded);
}

TEST_CASE("a target: A6 P3: a try answers what is and what would be, and keeps nothing") {
  const auto site = a_site();
  auto& target = site->target();
  const auto first = change_to(*site, "w", "1");
  for (const auto& tried : target.try_out("w", first)) {
    CHECK(tried.before.is_null());
    CHECK_FALSE(tried.after.is_null());
  }
  CHECK(written(*site, "w").version.empty());
  CHECK(written(*site, "w").objects.empty());
  REQUIRE(target.apply("w", first) == Applied::changed);

  const auto before = written(*site, "w");
  auto second = change_to(*site, "w", "2");
  second.prune = {first.objects.back(), claim("w", "w-nothing")};
  second.prune[1]["kind"] = "Service";
  second.prune[1].erase("spec");
  const auto tried = target.try_out("w", second);
  REQUIRE(tried.size() == second.objects.size() + 1);
  for (size_t i = 0; i < second.objects.size(); ++i)
    CHECK(object::describe(tried[i].after) == object::describe(second.objects[i]));
  CHECK(tried[0].before["data"] == first.objects[0]["data"]);
  CHECK(tried[0].after["data"] == second.objects[0]["data"]);
  CHECK(tried[1].before["metadata"]["uid"] == tried[1].after["metadata"]["uid"]);
  CHECK(tried[2].before.is_null());
  CHECK(object::describe(tried.back().before) == "job/w-1");
  CHECK(tried.back().after.is_null());
  CHECK(names(written(*site, "w").objects) == names(before.objects));
  CHECK(written(*site, "w").version == before.version);
}

TEST_CASE("a target: A7: what was decided by an earlier state is outrun, and nothing is written") {
  const auto site = a_site();
  auto& target = site->target();
  const auto other = site->another();
  const auto late = change_to(*site, "w", "late");
  REQUIRE(other->apply("w", change_to(*site, "w", "1")) == Applied::changed);
  CHECK(target.apply("w", late) == Applied::outrun);
  CHECK(names(written(*site, "w").objects) == names_of("w", "1"));

  auto replacing = change_to(*site, "w", "late");
  replacing.remove = {job_in(*site, "w", "1")};
  auto quick = change_to(*site, "w", "2");
  quick.remove = replacing.remove;
  REQUIRE(other->apply("w", quick) == Applied::changed);
  CHECK(target.apply("w", replacing) == Applied::outrun);
  CHECK_FALSE(names(written(*site, "w").objects).contains("job/w-late"));
  CHECK_FALSE(job_in(*site, "w", "2").is_null());

  auto too_late = change_to(*site, "w", "late");
  const bool with_remove = GENERATE(false, true);
  if (with_remove) too_late.remove = {job_in(*site, "w", "2")};
  other->remove("w", false);
  CHECK(target.apply("w", too_late) == Applied::outrun);
  CHECK(written(*site, "w").version.empty());
}

TEST_CASE("a target: A7: of commands at the same moment one is carried out") {
  const auto site = a_site();
  std::vector<Change> changes;
  std::vector<std::unique_ptr<Target>> targets;
  for (int i = 0; i < 4; ++i) {
    changes.push_back(change_to(*site, "w", std::to_string(i)));
    targets.push_back(site->another());
  }
  std::vector<std::string> ends(changes.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < changes.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        const auto applied = targets[i]->apply("w", changes[i]);
        ends[i] = applied == Applied::changed ? "changed" : "outrun";
      } catch (const base::Error& error) {
        ends[i] = error.kind() == ErrorKind::conflict ? "conflict" : error.what();
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(std::count(ends.begin(), ends.end(), "changed") == 1);
  for (size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] == "changed")
      CHECK(names(written(*site, "w").objects) == names_of("w", std::to_string(i)));
    CHECK((ends[i] == "changed" || ends[i] == "outrun" || ends[i] == "conflict"));
  }
}

TEST_CASE(
    "a target: a claim of another workload is refused, by a try too, and nothing is written") {
  const auto site = a_site();
  auto& target = site->target();
  REQUIRE(target.apply("w", change_to(*site, "w", "1")) == Applied::changed);
  const bool gone = GENERATE(false, true);
  if (gone) target.remove("w", false);
  auto taking = revision("x", "1", site->sleeping());
  taking.revision.objects[1] = claim("x", "w-output");
  taking.revision
      .objects[2]["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] =
      "w-output";
  const auto change = change_to(target, "x", taking);
  CHECK(error_from([&] { target.try_out("x", change); }).kind() == ErrorKind::conflict);
  CHECK(error_from([&] { target.apply("x", change); }).kind() == ErrorKind::conflict);
  CHECK(written(*site, "x").version.empty());
  CHECK(written(*site, "x").objects.empty());
}

TEST_CASE("a target: what is pruned goes, claims stay, a Job that is removed first is made anew",
          "[pods]") {
  const auto site = a_site();
  auto& target = site->target();
  auto first = revision("w", "1", site->printing({"once"}));
  auto service = made("v1", "Service", "w", "w");
  service["spec"] = {{"ports", {{{"name", "http"}, {"port", 80}}}},
                     {"selector", {{"lotse.dev/workload", "w"}}}};
  first.revision.objects.push_back(service);
  REQUIRE(target.apply("w", change_to(target, "w", first)) == Applied::changed);
  run_to_its_end(*site, "w");
  const auto before = object::uid_of(job_in(*site, "w", "1"));
  first.revision.objects.pop_back();
  auto change = change_to(target, "w", first);
  change.prune = in_place(target, {service});
  change.remove = {job_in(*site, "w", "1")};
  REQUIRE(target.apply("w", change) == Applied::changed);
  CHECK(names(written(*site, "w").objects) == names_of("w", "1"));
  CHECK(object::uid_of(job_in(*site, "w", "1")) != before);
  run_to_its_end(*site, "w");
}

TEST_CASE("a target: pods and what they print are told by rank", "[pods]") {
  const auto site = a_site();
  auto& target = site->target();
  const auto prepared = revision("w", "1", site->printing({"first", "last"}));
  REQUIRE(target.apply("w", change_to(target, "w", prepared)) == Applied::changed);
  run_to_its_end(*site, "w");
  CHECK(target.snapshot("w").of_kind("Pod").size() == 2);
  CHECK(names(written(*site, "w").objects) == names_of("w", "1"));

  const auto lines = log(*site, "w");
  CHECK(texts(lines) == std::vector<std::string>{"0 first", "0 last", "1 first", "1 last"});
  for (const auto& line : lines) {
    CHECK(line.attempt == 1);
    CHECK_FALSE(line.pod.empty());
    CHECK(line.container.empty());
  }
  CHECK(texts(log(*site, "w", {.tail = 1})) == std::vector<std::string>{"0 last", "1 last"});
  CHECK(texts(log(*site, "w", {.rank = 1})) == std::vector<std::string>{"1 first", "1 last"});
  CHECK(log(*site, "w", {.attempt = 2}).empty());
  CHECK(texts(log(*site, "w", {.follow = true})) == texts(lines));
}

TEST_CASE("a target: following logs ends when no more is needed, and at once with what is thrown",
          "[pods]") {
  const auto site = a_site();
  REQUIRE(site->target().apply("w", change_to(*site, "w", "1")) == Applied::changed);
  const auto start = Clock::now();
  CHECK_NOTHROW(log(*site, "w", {.follow = true}, [&] { return Clock::now() - start > 300ms; }));
  struct Enough {};
  CHECK_THROWS_AS(log(*site, "w", {.follow = true},
                      [&]() -> bool {
                        if (Clock::now() - start > 600ms) throw Enough();
                        return false;
                      }),
                  Enough);
  CHECK(Clock::now() - start < 15s);
}

TEST_CASE("a target: a wait returns at once at first, then with a change or when its time is up",
          "[pods]") {
  const auto site = a_site();
  auto& target = site->target();
  auto suspended = revision("w", "1", site->sleeping());
  suspended.revision.objects.back()["spec"]["suspend"] = true;
  REQUIRE(target.apply("w", change_to(target, "w", suspended)) == Applied::changed);
  std::string token;
  target.wait_change("w", token, 60s);
  CHECK_FALSE(token.empty());
  auto seen = token;
  REQUIRE(eventually([&] {  // until nothing happens by itself any more
    const auto start = Clock::now();
    target.wait_change("w", token, 1500ms);
    const bool quiet = token == seen;
    seen = token;
    return quiet && Clock::now() - start >= 1400ms;
  }));
  const auto other = site->another();
  const auto start = Clock::now();
  std::thread elsewhere([&] {
    std::this_thread::sleep_for(100ms);
    const auto objects = other->snapshot("w");
    other->patch("w", *objects.find("ConfigMap", "w"),
                 {{"metadata", {{"annotations", {{"lotse.dev/test", "1"}}}}}});
  });
  while (token == seen && Clock::now() - start < 30s) target.wait_change("w", token, 30s);
  elsewhere.join();
  CHECK(token != seen);
  CHECK(Clock::now() - start < 10s);
  CHECK(object::text_at(*target.snapshot("w").find("ConfigMap", "w"),
                        {"metadata", "annotations", "lotse.dev/test"}) == "1");
}

TEST_CASE(
    "a target: a patch changes what it names, and only an object in the state that it names") {
  const auto site = a_site();
  auto& target = site->target();
  REQUIRE(target.apply("w", change_to(*site, "w", "1")) == Applied::changed);
  const auto anchor = [&] { return *target.snapshot("w").find("ConfigMap", "w"); };
  const auto before = anchor();
  const auto note = [](const json& text) {
    return json{{"metadata", {{"annotations", {{"lotse.dev/test", text}}}}}};
  };
  target.patch("w", before, note("one"));
  auto expected = before;
  expected["metadata"]["annotations"]["lotse.dev/test"] = "one";
  const auto after = anchor();
  for (const char* key : {"annotations", "labels", "name", "uid"})
    CHECK(after["metadata"][key] == expected["metadata"][key]);
  CHECK(after["data"] == expected["data"]);
  CHECK(names(written(*site, "w").objects) == names_of("w", "1"));

  auto stale = note("two");
  stale["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"];
  CHECK(error_from([&] { target.patch("w", before, stale); }).kind() == ErrorKind::conflict);
  CHECK(anchor()["metadata"]["annotations"] == after["metadata"]["annotations"]);
  auto current = note(nullptr);
  current["metadata"]["resourceVersion"] = after["metadata"]["resourceVersion"];
  target.patch("w", after, current);
  CHECK_FALSE(anchor()["metadata"]["annotations"].contains("lotse.dev/test"));

  auto nothing = made("v1", "ConfigMap", "w", "w-nothing");
  CHECK(error_from([&] { target.patch("w", nothing, note("x")); }).kind() == ErrorKind::not_found);
  CHECK(error_from([&] {
          target.patch("x", made("v1", "ConfigMap", "x", "x"), note("x"));
        }).kind() == ErrorKind::not_found);
}

TEST_CASE("a target: a patch makes what was decided before it outrun") {
  const auto site = a_site();
  auto& target = site->target();
  REQUIRE(target.apply("w", change_to(*site, "w", "1")) == Applied::changed);
  auto late = change_to(*site, "w", "2");
  target.patch("w", *target.snapshot("w").find("ConfigMap", "w"),
               {{"metadata", {{"annotations", {{"lotse.dev/test", "1"}}}}}});
  CHECK(target.apply("w", late) == Applied::outrun);
}

TEST_CASE("a target: what is removed is gone but for its claims, which the same name has again") {
  const auto site = a_site();
  auto& target = site->target();
  REQUIRE(target.apply("w", change_to(*site, "w", "1")) == Applied::changed);
  CHECK(target.orphans().empty());
  const auto done = target.remove("w", false);
  const Names removed(done.removed.begin(), done.removed.end());
  CHECK(removed == Names{"configmap/w", "configmap/w-1-config", "job/w-1"});
  CHECK(done.claims_left == std::vector<std::string>{"w-output"});
  CHECK(done.claims_removed.empty());
  CHECK(error_from([&] { target.snapshot("w"); }).kind() == ErrorKind::not_found);
  CHECK(target.list().empty());
  const auto left = written(*site, "w");
  CHECK(left.version.empty());
  CHECK(names(left.objects) == Names{"persistentvolumeclaim/w-output"});
  CHECK(left.revisions.empty());
  const auto orphans = target.orphans();
  REQUIRE(orphans.size() == 1);
  CHECK(orphans[0].claim == "w-output");
  CHECK(orphans[0].workload == "w");

  REQUIRE(target.apply("w", change_to(*site, "w", "1")) == Applied::changed);
  CHECK(target.orphans().empty());
  const bool at_once = GENERATE(true, false);
  if (!at_once) target.remove("w", false);
  const auto purged = target.remove("w", true);
  CHECK(purged.removed.empty() != at_once);
  CHECK(purged.claims_removed == std::vector<std::string>{"w-output"});
  CHECK(purged.claims_left.empty());
  CHECK(target.orphans().empty());
  CHECK(written(*site, "w").objects.empty());
}

TEST_CASE("a target: of what is not there nothing is told") {
  const auto site = a_site();
  auto& target = site->target();
  CHECK(error_from([&] { target.snapshot("w"); }).kind() == ErrorKind::not_found);
  CHECK(error_from([&] { log(*site, "w"); }).kind() == ErrorKind::not_found);
  CHECK(error_from([&] { log(*site, "w", {.follow = true}); }).kind() == ErrorKind::not_found);
  CHECK(target.list().empty());
  CHECK(target.orphans().empty());
  const auto nothing = written(*site, "w");
  CHECK(nothing.version.empty());
  CHECK(nothing.objects.empty());
  const auto done = target.remove("w", true);
  CHECK((done.removed.empty() && done.claims_removed.empty() && done.claims_left.empty()));
}
