#pragma once
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "action/target.h"
#include "base/error.h"
#include "object/member.h"
#include "object/reference.h"
#include "release/revision.h"

namespace lotse::test {

using action::json;

/// A Target in memory, which keeps the promises of target.h (target_suite.cpp) and does nothing by
/// itself: tests say what controllers make of a workload. Threads may share what it keeps: `also`.
class MemoryTarget : public action::Target {
 public:
  /// What was to be written, in that order: "remove NAME", "apply WORKLOAD", "patch NAME
  /// ANNOTATIONS".
  std::vector<std::string> asked;
  std::function<void()> before_apply = {};  ///< once: another command, which is faster
  std::function<void()> before_snapshot = {};

  MemoryTarget() : kept_(std::make_shared<Kept>()) {}
  /// Of another command at the same time.
  std::unique_ptr<MemoryTarget> also() const {
    auto other = std::make_unique<MemoryTarget>();
    other->kept_ = kept_;
    return other;
  }

  /// The objects of a workload become these.
  void put(const std::string& workload, const action::Snapshot& objects) {
    const std::lock_guard lock(kept_->mutex);
    auto& its = kept_->workloads[workload];
    its.objects.clear();
    for (const auto& object : objects) its.objects.push_back(identified(object));
    changed(its);
  }
  /// The objects of a workload, which nobody else sees as a change of what is wanted, become these.
  void show_done(const std::string& workload, const action::Snapshot& objects) {
    const std::lock_guard lock(kept_->mutex);
    const auto version = kept_->workloads[workload].version;
    put(workload, objects);
    kept_->workloads[workload].version = version;
  }
  /// The objects of a workload, now and after each further wait for a change.
  void show(const std::string& workload, std::deque<action::Snapshot> states) {
    put(workload, states.front());
    states.pop_front();
    next_ = std::move(states);
  }
  void forget(const std::string& workload) { kept_->workloads.erase(workload); }
  void print(const std::string& workload, action::LogLine line) {
    const std::lock_guard lock(kept_->mutex);
    kept_->workloads[workload].lines.push_back(std::move(line));
  }

  /// What its pods have printed so far.
  void printed(const std::string& workload, std::vector<action::LogLine> lines) {
    const std::lock_guard lock(kept_->mutex);
    kept_->workloads[workload].lines = std::move(lines);
  }

  std::string describe() const override { return "memory"; }
  bool is_local() const override { return false; }
  std::string target_namespace() const override { return "ns"; }
  std::string server_version() override { return ""; }
  void stop(const std::string&) override {}

  action::Applied apply(const std::string& workload, const action::Change& change) override {
    if (const auto run = std::exchange(before_apply, {})) run();
    for (const auto& object : change.remove) asked.push_back("remove " + object::name_of(object));
    asked.push_back("apply " + workload);
    const std::lock_guard lock(kept_->mutex);
    check(workload, change);
    if (version_of(workload) != change.seen.version) return action::Applied::outrun;
    const auto before = objects_of(workload);
    auto objects = applied(workload, change);
    if (objects == before) return action::Applied::unchanged;
    auto& its = kept_->workloads[workload];
    its.objects = std::move(objects);
    for (const auto& object : its.objects)
      if (is_claim(object)) kept_->claims[object::name_of(object)] = object;
    changed(its);
    return action::Applied::changed;
  }

  std::vector<action::Tried> try_out(const std::string& workload,
                                     const action::Change& change) override {
    const std::lock_guard lock(kept_->mutex);
    check(workload, change);
    const action::Snapshot before(objects_of(workload));
    const action::Snapshot after(applied(workload, change));
    const auto in = [](const action::Snapshot& objects, const json& object) {
      const json* found = objects.find(object::kind_of(object), object::name_of(object));
      return found == nullptr ? json() : *found;
    };
    std::vector<action::Tried> tried;
    for (const auto& object : change.objects)
      tried.push_back({in(before, object), in(after, object)});
    for (const auto& object : change.prune)
      if (const auto there = in(before, object); !there.is_null()) tried.push_back({there, {}});
    return tried;
  }

  action::Written written(const std::string& workload, const std::vector<json>&) override {
    const std::lock_guard lock(kept_->mutex);
    action::Written found{version_of(workload), {}, {}};
    for (const auto& object : found.version.empty() ? left_by(workload) : objects_of(workload)) {
      if (object::kind_of(object) == "Pod") continue;
      if (release::is_revision(object)) found.revisions.push_back(object);
      found.objects.add(object);
    }
    return found;
  }

  action::Snapshot snapshot(const std::string& workload) override {
    if (before_snapshot) before_snapshot();
    const std::lock_guard lock(kept_->mutex);
    require(workload);
    return shown(workload);
  }

  action::Snapshot list() override {
    const std::lock_guard lock(kept_->mutex);
    action::Snapshot all;
    for (const auto& [workload, its] : kept_->workloads)
      for (const auto& object : shown(workload)) all.add(object);
    return all;
  }

  std::vector<action::Orphan> orphans() override {
    const std::lock_guard lock(kept_->mutex);
    std::vector<action::Orphan> found;
    for (const auto& [claim, object] : kept_->claims)
      if (const auto owner = owner_of(object); !kept_->workloads.contains(owner))
        found.push_back({claim, owner, "", ""});
    return found;
  }

  void wait_change(const std::string&, std::string& token,
                   std::chrono::milliseconds timeout) override {
    if (!next_.empty()) {
      put("w", next_.front());
      next_.pop_front();
    }
    std::unique_lock lock(kept_->mutex);
    kept_->happened.wait_for(lock, timeout,
                             [&] { return token != std::to_string(kept_->generation); });
    token = std::to_string(kept_->generation);
  }

  void follow_logs(const std::string& workload, const action::LogOptions& options,
                   const action::LogSink& sink, const std::function<bool()>& stop) override {
    for (size_t printed = 0;; printed = kept_->workloads[workload].lines.size()) {
      const bool enough = stop();
      std::unique_lock lock(kept_->mutex);
      require(workload);
      const bool over = workload::state_of(workload, shown(workload)).ended();
      const auto lines = chosen(kept_->workloads[workload].lines, printed, options);
      lock.unlock();
      for (const auto& line : lines) sink(line);
      if (!options.follow || enough || over) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  std::vector<action::LogLine> last_lines(const std::string& workload, const std::string& pod,
                                          const std::string& container, int64_t,
                                          std::chrono::milliseconds) override {
    asked.push_back("log of " + pod + " " + container);
    const std::lock_guard lock(kept_->mutex);
    return kept_->workloads[workload].lines;
  }

  action::Removal remove(const std::string& workload, bool purge) override {
    const std::lock_guard lock(kept_->mutex);
    action::Removal done;
    for (const auto& object : shown(workload))
      if (!is_claim(object) && object::kind_of(object) != "Pod")
        done.removed.push_back(object::describe(object));
    for (const auto& claim : left_by(workload)) {
      const auto name = object::name_of(claim);
      (purge ? done.claims_removed : done.claims_left).push_back(name);
      if (purge) kept_->claims.erase(name);
    }
    kept_->workloads.erase(workload);
    notify();
    return done;
  }

  void patch(const std::string& workload, const json& object, const json& change) override {
    const std::lock_guard lock(kept_->mutex);
    asked.push_back("patch " + object::name_of(object) + " " +
                    object::at(change, {"metadata", "annotations"}).dump());
    const auto found = kept_->workloads.find(workload);
    json* live = found == kept_->workloads.end() ? nullptr : find(found->second.objects, object);
    if (live == nullptr)
      throw base::Error(base::ErrorKind::not_found, object::describe(object) + " is not there");
    const auto& expected = object::at(change, {"metadata", "resourceVersion"});
    if (!expected.is_null() && expected != object::at(*live, {"metadata", "resourceVersion"}))
      throw base::Error(base::ErrorKind::conflict, object::describe(object) + " has changed");
    live->merge_patch(change);
    (*live)["metadata"]["resourceVersion"] = next_number();
    changed(found->second);
  }

 private:
  struct Workload {
    std::string version = {};
    std::vector<json> objects = {};  ///< in no order; claims and revisions among them
    std::vector<action::LogLine> lines = {};
  };
  struct Kept {
    std::recursive_mutex mutex;
    std::condition_variable_any happened;
    int numbers = 0;     ///< of uids and versions
    int generation = 0;  ///< of everything
    std::map<std::string, Workload> workloads;
    std::map<std::string, json> claims;  ///< by name; they outlive their workload
  };

  static bool is_claim(const json& object) {
    return object::kind_of(object) == "PersistentVolumeClaim";
  }
  static std::string owner_of(const json& object) {
    return object::text_at(object, {"metadata", "labels", workload::label_workload});
  }
  static bool is_same(const json& a, const json& b) {
    return object::kind_of(a) == object::kind_of(b) && object::name_of(a) == object::name_of(b);
  }
  static json* find(std::vector<json>& objects, const json& object) {
    const auto found = std::find_if(objects.begin(), objects.end(),
                                    [&](const json& each) { return is_same(each, object); });
    return found == objects.end() ? nullptr : &*found;
  }

  std::string next_number() { return std::to_string(++kept_->numbers); }
  void notify() {
    ++kept_->generation;
    kept_->happened.notify_all();
  }
  void changed(Workload& its) {
    its.version = next_number();
    notify();
  }

  json identified(json object) {
    auto& metadata = object["metadata"];
    if (!metadata.contains("uid")) metadata["uid"] = "uid-" + next_number();
    if (!metadata.contains("resourceVersion")) metadata["resourceVersion"] = next_number();
    return object;
  }

  std::string version_of(const std::string& workload) const {
    const auto found = kept_->workloads.find(workload);
    return found == kept_->workloads.end() ? "" : found->second.version;
  }
  std::vector<json> objects_of(const std::string& workload) const {
    const auto found = kept_->workloads.find(workload);
    return found == kept_->workloads.end() ? std::vector<json>() : found->second.objects;
  }
  std::vector<json> left_by(const std::string& workload) const {
    std::vector<json> claims;
    for (const auto& [name, claim] : kept_->claims)
      if (owner_of(claim) == workload) claims.push_back(claim);
    return claims;
  }
  void require(const std::string& workload) const {
    if (!kept_->workloads.contains(workload))
      throw base::Error(base::ErrorKind::not_found, "there is no workload '" + workload + "'");
  }
  /// Without the Secrets that keep its revisions.
  action::Snapshot shown(const std::string& workload) const {
    action::Snapshot objects;
    for (const auto& object : objects_of(workload))
      if (!release::is_revision(object)) objects.add(object);
    return objects;
  }

  void check(const std::string& workload, const action::Change& change) const {
    for (const auto& object : change.objects) {
      if (!is_claim(object)) continue;
      const auto found = kept_->claims.find(object::name_of(object));
      if (found != kept_->claims.end() && owner_of(found->second) != workload)
        throw base::Error(base::ErrorKind::conflict,
                          object::describe(object) + " belongs to another workload");
    }
  }

  /// The objects of the workload as the change would make them.
  std::vector<json> applied(const std::string& workload, const action::Change& change) {
    auto objects = objects_of(workload);
    const auto erase = [&](const json& object) {
      std::erase_if(objects, [&](const json& each) { return is_same(each, object); });
    };
    for (const auto& object : change.remove) erase(object);
    for (const auto& object : change.objects) {
      const auto known = kept_->claims.find(object::name_of(object));
      json* live = find(objects, object);
      const bool stays = is_claim(object) || release::is_revision(object);
      if (live == nullptr)
        objects.push_back(is_claim(object) && known != kept_->claims.end() ? known->second
                                                                           : identified(object));
      else if (!stays)
        update(*live, object);
    }
    for (const auto& object : change.prune)
      if (!is_claim(object)) erase(object);
    return objects;
  }

  void update(json& live, json object) {
    for (const char* key : {"uid", "resourceVersion"})
      object["metadata"][key] = live["metadata"][key];
    if (live.contains("status")) object["status"] = live["status"];
    if (object == live) return;
    object["metadata"]["resourceVersion"] = next_number();
    live = std::move(object);
  }

  static std::vector<action::LogLine> chosen(const std::vector<action::LogLine>& lines, size_t from,
                                             const action::LogOptions& options) {
    std::vector<action::LogLine> found;
    for (size_t i = from; i < lines.size(); ++i) {
      const auto& line = lines[i];
      if (options.rank && line.rank != options.rank) continue;
      if (options.attempt && line.attempt != *options.attempt) continue;
      const auto later =
          std::count_if(lines.begin() + static_cast<std::ptrdiff_t>(i) + 1, lines.end(),
                        [&](const auto& other) { return other.pod == line.pod; });
      if (from == 0 && options.tail && later >= *options.tail) continue;
      found.push_back(line);
    }
    return found;
  }

  std::shared_ptr<Kept> kept_;
  std::deque<action::Snapshot> next_;
};

}  // namespace lotse::test
