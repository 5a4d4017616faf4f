#include "action/events.h"

#include <map>
#include <set>
#include <utility>

#include "action/cluster.h"
#include "action/debug_bundle.h"
#include "action/status.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "kube/lists.h"
#include "kube/pages.h"
#include "kube/watch.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/snapshot.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using workload::EventRow;

/// The server looks through every Event of the namespace for each question.
constexpr size_t most_questions = 4;

constexpr auto only_warnings = "type=Warning";

struct Group {
  const char* version;
  const char* about;  ///< the field selector for the name of the object that an Event is about

  const object::Kind& kind() const { return *object::find_kind(version, "Event"); }
};

constexpr Group groups[] = {{"events.k8s.io/v1", "regarding.name"}, {"v1", "involvedObject.name"}};

std::vector<json> events_of(kube::Client& client, const Group& group,
                            const std::vector<std::string>& names) {
  const auto& kind = group.kind();
  std::vector<kube::ListQuery> queries;
  if (names.size() > most_questions) {
    queries.push_back({&kind, {"", only_warnings}});
  } else {
    for (const auto& name : names)
      queries.push_back({&kind, {"", std::string(group.about) + "=" + name}});
  }
  const std::set<std::string> wanted(names.begin(), names.end());
  std::vector<json> events;
  kube::each_of_all(client, queries, {{"metadata", "managedFields"}},
                    [&](size_t, std::string_view text) {
                      json event = json::parse(text, nullptr, false);
                      if (!event.is_object()) return;
                      if (wanted.contains(object::text_at(object::subject_of(event), {"name"})))
                        events.push_back(std::move(event));
                    });
  return events;
}

/// Whose Events are looked for.
class Wanted {
 public:
  Wanted(Target& target, const EventOptions& options) : target_(target), options_(options) {
    if (options.workload.empty())
      refresh();
    else
      subjects_.add(options.workload, snapshot_of(target, options.workload));
  }

  bool wants(const json& event) const { return !subjects_.workload_of(event).empty(); }

  /// Nothing for an Event about anything else.
  std::optional<EventRow> row_of(const json& event) {
    const auto whose = subjects_.workload_of(event);
    if (whose.empty()) return {};
    auto row = workload::read_event(event);
    row.workload = whose;
    row.message = without_credentials(row.message);  // of a command line that does not start
    return row;
  }

  kube::Selector selector() const { return {"", options_.warnings ? only_warnings : ""}; }

  /// Workloads that are new.
  void refresh() {
    target_.each_workload(
        [&](const std::string& name, const Snapshot& objects) { subjects_.add(name, objects); });
  }

 private:
  Target& target_;
  const EventOptions& options_;
  workload::Subjects subjects_;
};

/// The Events of the namespace a page at a time, so that many of them cost the memory of few. The
/// version that a watch can go on from.
std::string each_event(kube::Client& client, const object::Kind& kind,
                       const kube::Selector& selector,
                       const std::function<void(const json&)>& sink) {
  return kube::each_page(client, kube::list_call(kind, client.name_space(), selector),
                         {[&](const std::string& page) {
                           const json parsed = json::parse(page, nullptr, false);
                           for (const auto& event : object::list_at(parsed, {"items"})) sink(event);
                         }});
}

struct Listed {
  const object::Kind* kind;
  std::string version;
};

/// By the first group that the user may read.
Listed list_events(kube::Client& client, const kube::Selector& selector,
                   const std::function<void(const json&)>& sink) {
  for (const auto& group : groups) {
    try {
      return {&group.kind(), each_event(client, group.kind(), selector, sink)};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied || &group == std::end(groups) - 1) throw;
    }
  }
  return {};
}

/// Whether nothing will happen to the workload any more.
class End {
 public:
  End(Target& target, const std::string& workload) : target_(target), workload_(workload) {}

  bool has_come() {
    if (workload_.empty()) return false;
    constexpr std::chrono::milliseconds moment{10};
    const auto before = token_;
    try {
      target_.wait_change(workload_, token_, moment);
      if (token_ == before) return over_;
      const auto state = workload::state_of(workload_, target_.snapshot(workload_));
      over_ = state.ended() || state.phase == workload::Phase::stopped ||
              state.phase == workload::Phase::gone;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found) over_ = true;
      if (!over_ && error.kind() != ErrorKind::unreachable) throw;  // the watch waits for it too
    }
    return over_;
  }

 private:
  Target& target_;
  const std::string& workload_;
  std::string token_;
  bool over_ = false;
};

/// Hands on what is new. A list that follows on another brings again what was there.
class News {
 public:
  News(Wanted& wanted, const EventSink& sink) : wanted_(wanted), sink_(sink) {}

  void take(const json& event) {
    auto row = wanted_.row_of(event);
    if (!row) {
      unknown_.push_back(event);
      return;
    }
    auto& shown = shown_[object::name_of(event)];
    if (auto now = row->last + "/" + std::to_string(row->count); now != shown) {
      shown = std::move(now);
      rows_.push_back(std::move(*row));
    }
  }

  void show() {
    auto rows = workload::merged(std::exchange(rows_, {}));
    if (!rows.empty()) sink_(rows);
  }

  /// What nobody was known to be the subject of may be of a workload that is new.
  void look_again() {
    if (unknown_.empty()) return;
    wanted_.refresh();
    for (const auto& event : std::exchange(unknown_, {})) take(event);
    unknown_.clear();
  }
  void forget_unknown() { unknown_.clear(); }

 private:
  Wanted& wanted_;
  const EventSink& sink_;
  std::map<std::string, std::string> shown_;  ///< by the Event's name
  std::vector<EventRow> rows_;
  std::vector<json> unknown_;
};

}  // namespace

std::vector<json> events_about(kube::Client& client, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  for (const auto& group : groups) {
    try {
      return events_of(client, group, names);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied) throw;
    }
  }
  return {};
}

std::optional<std::vector<EventRow>> events(Target& target, const EventOptions& options) {
  Wanted wanted(target, options);
  if (target.cluster() == nullptr) return {};
  std::vector<EventRow> rows;
  list_events(target.cluster()->client(), wanted.selector(), [&](const json& event) {
    if (auto row = wanted.row_of(event)) rows.push_back(std::move(*row));
  });
  return workload::merged(std::move(rows));
}

std::vector<json> whole_events(Target& target, const std::string& workload) {
  const EventOptions options{workload};
  const Wanted wanted(target, options);
  std::vector<json> found;
  if (target.cluster() == nullptr) return found;
  list_events(target.cluster()->client(), wanted.selector(), [&](const json& event) {
    if (wanted.wants(event)) found.push_back(event);
  });
  return found;
}

bool follow_events(Target& target, const EventOptions& options, const EventSink& sink) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds often{200};
  constexpr std::chrono::seconds last_ones{1};  // the server tells of an end just after it
  constexpr std::chrono::seconds between_lists{3};
  Wanted wanted(target, options);
  if (target.cluster() == nullptr) return false;
  News news(wanted, sink);
  const auto take = [&](const json& event) { news.take(event); };
  const auto connected = target.cluster()->connect();
  auto& client = connected->client();
  const auto listed = list_events(client, wanted.selector(), take);
  news.forget_unknown();
  kube::WatchHandler handler{
      [&](const kube::WatchEvent& event) {
        if (event.type != "DELETED") news.take(event.object);
      },
      [&] { return each_event(client, *listed.kind, wanted.selector(), take); }};
  kube::Watch watch(client, kube::watch_call(*listed.kind, client.name_space(), wanted.selector()),
                    listed.version, std::move(handler), base::system_clock());
  End end(target, options.workload);
  std::optional<Clock::time_point> until;
  auto looked = Clock::now();
  while (!base::interrupted() && (!until || Clock::now() < *until)) {
    news.show();
    watch.tend();
    client.transport().poll(often);
    if (!until && end.has_come()) until = Clock::now() + last_ones;
    if (!options.workload.empty()) {
      news.forget_unknown();
    } else if (Clock::now() - looked > between_lists) {
      news.look_again();
      looked = Clock::now();
    }
  }
  news.show();
  return true;
}

}  // namespace lotse::action
