#include "action/local_target.h"

#include <algorithm>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "local/local.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/run_name.h"
#include "release/diff.h"
#include "release/revision.h"

namespace lotse::action {

namespace {

/// Apart from what the store completes.
bool changes_something(const std::vector<Tried>& tried) {
  release::Side before, after;
  for (const auto& each : tried) {
    if (each.before.is_null() || each.after.is_null()) return true;
    before.objects.push_back(each.before);
    after.objects.push_back(each.after);
  }
  const auto changes = release::changes(before, after);
  return std::any_of(changes.begin(), changes.end(),
                     [](const auto& each) { return each.fate != release::Fate::unchanged; });
}

bool is_made_by_controllers(const json& object) {
  return object::kind_of(object) == "Pod" || object::kind_of(object) == "ReplicaSet";
}

/// One whose workload is gone; more is not known of it.
json claim_of(const std::string& workload, const std::string& name) {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata",
           {{"name", name},
            {"labels",
             {{workload::label_managed_by, workload::managed_by},
              {workload::label_workload, workload}}}}}};
}

class LocalTarget : public Target {
 public:
  LocalTarget(local::Store store, local::ApplyOptions how)
      : store_(std::move(store)), how_(std::move(how)) {}

  std::string describe() const override { return "local"; }
  bool is_local() const override { return true; }
  std::string target_namespace() const override { return "default"; }

  Applied apply(const std::string& workload, const Change& change) override {
    auto options = how_;
    options.rerun = !change.remove.empty();
    options.version = change.seen.version.empty() ? 0 : std::stoi(change.seen.version);
    std::vector<json> manifests;
    for (const auto& object : change.objects)
      (release::is_revision(object) ? options.keep : manifests).push_back(object);
    for (const auto& object : change.prune)
      if (release::is_revision(object)) options.forget.push_back(object::name_of(object));
    const auto tried = try_out(workload, change);
    if (store_.version(workload) != *options.version) return Applied::outrun;
    if (change.remove.empty() && is_in_order(workload) && !changes_something(tried))
      return Applied::unchanged;
    if (!change.remove.empty()) options.version = store_.stop(workload, {}, options.version);
    return options.version && store_.apply(workload, manifests, options) ? Applied::changed
                                                                         : Applied::outrun;
  }

  std::vector<Tried> try_out(const std::string& workload, const Change& change) override {
    Snapshot now(store_.manifests(workload));
    for (auto& object : store_.kept(workload)) now.add(std::move(object));
    const auto found = [&](const json& object) {
      const json* live = now.find(object::kind_of(object), object::name_of(object));
      return live == nullptr ? json() : *live;
    };
    const auto anchor_uid = object::uid_of(found(change.objects.at(0)));
    std::vector<json> manifests;
    std::vector<Tried> tried;
    for (auto object : change.objects) {
      object::name_run(object, anchor_uid);
      const auto live = found(object);
      if (!release::is_revision(object)) manifests.push_back(object);
      const bool stays = release::is_revision(object) && !live.is_null();
      if (stays) object = live;
      tried.push_back({live, std::move(object)});
    }
    store_.check(workload, manifests);
    for (const auto& object : change.prune)
      if (auto live = found(object); !live.is_null()) tried.push_back({std::move(live), json()});
    return tried;
  }

  Written written(const std::string& workload, const std::vector<json>&) override {
    const auto version = store_.version(workload);
    if (version == 0) return {"", claims_left_by(workload), {}};
    Written found{std::to_string(version), {}, store_.kept(workload)};
    for (auto& object : store_.snapshot(workload))
      if (!is_made_by_controllers(object)) found.objects.add(std::move(object));
    for (const auto& object : found.revisions) found.objects.add(object);
    return found;
  }

  Snapshot snapshot(const std::string& workload) override { return store_.snapshot(workload); }

  Snapshot list() override {
    Snapshot all;
    for (const auto& name : store_.workloads()) {
      try {
        for (auto object : store_.snapshot(name)) {
          object["metadata"]["labels"][workload::label_workload] = name;
          all.add(std::move(object));
        }
      } catch (const base::Error& error) {  // one that is damaged hides no other
        base::log_warning("'" + name + "' is left out: " + error.what() + "; `lotse delete " +
                          name + "` removes it");
      }
    }
    return all;
  }

  std::vector<Orphan> orphans() override {
    std::vector<Orphan> found;
    for (const auto& [claim, workload] : store_.orphans())
      found.push_back({claim, workload, "", ""});
    return found;
  }

  void wait_change(const std::string& workload, std::string& token,
                   std::chrono::milliseconds timeout) override {
    store_.wait_change(workload, token, timeout);
  }

  void follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                   const std::function<bool()>& stop) override {
    store_.follow_logs(
        workload, options,
        [&](LogLine line) {
          if (options.attempt && line.attempt != *options.attempt) return;
          line.container.clear();  // each pod has one here
          sink(line);
        },
        stop);
  }

  std::vector<LogLine> last_lines(const std::string& workload, const std::string& pod,
                                  const std::string& container, int64_t count,
                                  std::chrono::milliseconds) override {
    return store_.last_lines(workload, pod, container, static_cast<size_t>(count));
  }

  Removal remove(const std::string& workload, bool purge) override {
    const auto done = store_.remove(workload, purge);
    return {done.removed, done.claims_removed, done.claims_left};
  }

  void stop(const std::string& workload) override { store_.stop(workload); }

  void patch(const std::string& workload, const json& object, const json& change) override {
    store_.patch(workload, object, change, how_);
  }

  std::string server_version() override { return ""; }

 private:
  /// Its supervisor carries it out, or has done all there was to do.
  bool is_in_order(const std::string& workload) const {
    const auto state = store_.supervisor(workload);
    return state == local::SupervisorState::running || state == local::SupervisorState::ended;
  }

  Snapshot claims_left_by(const std::string& workload) const {
    Snapshot claims;
    for (const auto& name : store_.claims_of(workload)) claims.add(claim_of(workload, name));
    return claims;
  }

  local::Store store_;
  local::ApplyOptions how_;
};

}  // namespace

std::unique_ptr<Target> make_local_target(local::Store store, const local::ApplyOptions& how) {
  return std::make_unique<LocalTarget>(std::move(store), how);
}

}  // namespace lotse::action
