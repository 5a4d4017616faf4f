#include "workload/event_row.h"

#include <catch2/catch.hpp>

using namespace lotse::workload;

namespace {

json about(const std::string& kind, const std::string& name, const std::string& note = "x") {
  return {{"kind", "Event"},
          {"type", "Normal"},
          {"reason", "R"},
          {"note", note},
          {"regarding", {{"kind", kind}, {"name", name}}}};
}

json named(const std::string& kind, const std::string& name) {
  return {{"kind", kind}, {"metadata", {{"name", name}}}};
}

}  // namespace

TEST_CASE("an Event of either group says how often and when") {
  auto series = about("Pod", "p", "no node");
  series["type"] = "Warning";
  series["eventTime"] = "2026-11-24T10:00:00.000000Z";
  series["series"] = {{"count", 7}, {"lastObservedTime", "2026-11-24T10:05:00.000000Z"}};
  series["reportingController"] = "default-scheduler";
  const auto row = read_event(series);
  CHECK(row.object == "pod/p");
  CHECK(row.message == "no node");
  CHECK(row.source == "default-scheduler");
  CHECK(row.count == 7);
  CHECK(row.first == "2026-11-24T10:00:00.000000Z");
  CHECK(row.last == "2026-11-24T10:05:00.000000Z");

  const auto old = read_event({{"type", "Normal"},
                               {"reason", "Pulled"},
                               {"message", "it is there"},
                               {"count", 3},
                               {"firstTimestamp", "2026-11-24T10:00:00Z"},
                               {"lastTimestamp", "2026-11-24T11:00:00Z"},
                               {"source", {{"component", "kubelet"}}},
                               {"involvedObject", {{"kind", "Pod"}, {"name", "q"}}}});
  CHECK(old.message == "it is there");
  CHECK(old.count == 3);
  CHECK(old.source == "kubelet");
  CHECK(old.last == "2026-11-24T11:00:00Z");
}

TEST_CASE("an Event that lacks everything is a row, too") {
  const auto row = read_event({{"regarding", nullptr}, {"series", 3}, {"count", "many"}});
  CHECK(row.count == 1);
  CHECK(row.object == "/");
}

TEST_CASE("the same words about the same object are one row; rows are in the order of time") {
  const auto at = [](const std::string& object, const std::string& message, int64_t count,
                     const std::string& first, const std::string& last) {
    return EventRow{"w", "Normal", "R", object, message, "", count, first, last};
  };
  const auto rows =
      merged({at("pod/a", "x", 2, "10:02", "10:09"), at("pod/a", "y", 1, "10:04", "10:04"),
              at("pod/a", "x", 3, "10:00", "10:01"), at("pod/b", "x", 1, "10:03", "10:03")});
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].object == "pod/b");
  CHECK(rows[1].message == "y");
  CHECK(rows[2].count == 5);
  CHECK(rows[2].first == "10:00");
  CHECK(rows[2].last == "10:09");
}

TEST_CASE("what is gone is known by its name, and nothing else is taken for it") {
  Subjects subjects;
  subjects.add("run", {named("ConfigMap", "run"), named("Job", "run-1a2b3c4d"),
                       named("PersistentVolumeClaim", "run-output")});
  subjects.add("eyes", {named("Deployment", "eyes")});
  const auto whose = [&](const char* kind, const char* name) {
    return subjects.workload_of(about(kind, name));
  };
  CHECK(whose("Job", "run-1a2b3c4d") == "run");
  CHECK(whose("PersistentVolumeClaim", "run-output") == "run");
  CHECK(whose("HorizontalPodAutoscaler", "eyes") == "eyes");
  CHECK(whose("Pod", "run-1a2b3c4d-0-x7k2p") == "run");
  CHECK(whose("Pod", "run-1a2b3c4d-x7k2p") == "run");
  CHECK(whose("Job", "run-00ffee11") == "run");  // of a revision that is not kept
  CHECK(whose("Pod", "run-00ffee11-12-x7k2p") == "run");
  CHECK(whose("Workload", "job-run-00ffee11-5f3e1") == "run");
  CHECK(whose("Workload", "run-00ffee11-5f3e1").empty());
  CHECK(whose("ReplicaSet", "eyes-6d4cf56db6") == "eyes");
  CHECK(whose("Pod", "eyes-6d4cf56db6-x7k2p") == "eyes");

  for (const char* name : {"run-2-00ffee11-0-x7k2p", "running-x7k2p", "run-output-x7k2p", "x7k2p",
                           "eyes-blue-x7k2p", "other", ""})
    CHECK(whose("Pod", name) == (std::string(name) == "run-output-x7k2p" ? "run" : ""));
  CHECK(whose("PersistentVolumeClaim", "run-1a2b3c4d-x7k2p").empty());
  CHECK(whose("Deployment", "eyes-x7k2p").empty());
  CHECK(subjects.workload_of(json::object()).empty());
}

TEST_CASE("within a second the names of Events say which was first") {
  const auto event = [](const std::string& name, const std::string& subject,
                        const std::string& time) {
    auto made = about("Pod", subject);
    made["metadata"]["name"] = name;
    made["eventTime"] = time;
    return read_event(made);
  };
  const auto rows = merged({event("a.187bd6a5a9b0c0d3", "third", "2026-11-24T10:00:00.3Z"),
                            event("b.187bd6a5a9b0c0d1", "first", "2026-11-24T10:00:00Z"),
                            event("c.187bd6a5a9b0c0d2", "second", "2026-11-24T10:00:00.2Z"),
                            event("d.187bd6a5a9b0c0d0", "last", "2026-11-24T10:00:01Z")});
  std::string order;
  for (const auto& row : rows) order += row.object + " ";
  CHECK(order == "pod/first pod/second pod/third pod/last ");
  CHECK(event("a.notnanoseconds00", "x", "").nanoseconds.empty());
}
