#include "action/cluster_write.h"

#include <algorithm>
#include <set>

#include "action/anchor_lock.h"
#include "action/claims.h"
#include "action/cluster_trial.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/digest.h"
#include "kube/mirror.h"
#include "kube/together.h"
#include "object/member.h"
#include "object/reference.h"
#include "release/revision.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

/// It refers to no other object and starts nothing, so that it matters not what is written first.
bool stands_alone(const json& object) {
  static const std::set<std::string> kinds = {"ConfigMap", "Secret", "Service",
                                              "PersistentVolumeClaim", "PodDisruptionBudget"};
  return kinds.contains(object::kind_of(object));
}

/// Writes what has been tried.
class Writer {
 public:
  Writer(kube::Client& client, const std::string& workload, const Change& change, Trial& trial)
      : client_(client), workload_(workload), change_(change), trial_(trial) {}

  /// False if the anchor is no longer as it was seen. Throws as Trial::try_anchor does.
  bool write() {
    auto lock = AnchorLock::take(client_, trial_.live(0), trial_.wanted()[0], content());
    if (!lock) {
      trial_.refuse_anchor_of_others();
      return false;
    }
    size_t begun = 1;
    try {
      for (const auto& object : change_.remove)
        remove_and_wait(client_, object, [&] { lock->renew(); });
      remove_unused_config_maps();
      remove_pruned(true);  // else it would scale again what is about to be written
      while (begun < trial_.wanted().size()) {
        lock->renew();
        const auto from = begun;
        begun = end_of_row(from);  // all of it may be there when a part of it fails
        apply(from, begun, lock->anchor());
      }
      remove_pruned(false);
      trial_.set_counts();
    } catch (const Error&) {
      take_back(*lock, begun);
      throw;
    }
    lock->release();
    return true;
  }

 private:
  /// Names what is written, for AnchorLock. A command that does the same at another moment writes
  /// the same, but for the time in its revision.
  std::string content() const {
    constexpr size_t digits = 16;
    json named = json::array();
    for (const auto& object : change_.objects)
      if (!release::is_revision(object)) named.push_back(object);
    return crypto::sha256(named.dump()).substr(0, digits);
  }

  /// Where the row of objects ends that begins at `from` and may be written at once. A record of
  /// a revision is there before anything that it tells of.
  size_t end_of_row(size_t from) const {
    const auto& wanted = trial_.wanted();
    if (!stands_alone(wanted[from])) return from + 1;
    const bool of_records = release::is_revision(wanted[from]);
    size_t end = from;
    while (end < wanted.size() && stands_alone(wanted[end]) &&
           release::is_revision(wanted[end]) == of_records)
      ++end;
    return end;
  }

  /// Writes the objects from `from` to `end` at once, and throws once all are answered.
  void apply(size_t from, size_t end, const json& anchor) {
    std::vector<size_t> written;
    std::vector<kube::Call> calls;
    for (size_t i = from; i < end; ++i) {
      if (!trial_.is_to_be_written(i)) continue;
      written.push_back(i);
      calls.push_back(kube::apply_call(known_kind_of(trial_.wanted()[i]), client_.name_space(),
                                       trial_.owned(i, anchor), {.force = trial_.is_forced(i)}));
    }
    const auto answers = kube::write_together(client_, calls);
    for (size_t k = 0; k < calls.size(); ++k) try {
        kube::object_of(client_, calls[k], answers[k]);
      } catch (Error& error) {
        error.add_context(object::describe(trial_.wanted()[written[k]]));
        throw;
      }
  }

  void remove_pruned(bool autoscalers) {
    for (const auto& object : trial_.pruned())
      if ((object::kind_of(object) == "HorizontalPodAutoscaler") == autoscalers) remove(object);
  }

  void remove(const json& object) {
    client_.remove(known_kind_of(object), object::name_of(object),
                   {kube::Propagation::background, object::uid_of(object)});
  }

  /// Deletes what was made of the first `count` objects, the anchor last, and puts back the one
  /// that was there; nothing if another command has taken over. That the cause came through a
  /// broken connection does not say that nothing was made, so the server is asked.
  void take_back(AnchorLock& lock, size_t count) {
    base::forget_interrupt();
    try {
      if (!lock.is_held()) return;
      for (size_t i = count; i-- > 1;) {
        if (!trial_.live(i).is_null()) continue;
        const auto& wanted = trial_.wanted()[i];
        const auto made = client_.find(known_kind_of(wanted), object::name_of(wanted));
        if (made && why_not_ours(*made, workload_).empty()) remove(*made);
      }
      lock.undo();
    } catch (const Error& error) {
      base::log_warning("what was written of '" + workload_ +
                        "' could not be taken back: " + error.what() +
                        "; `lotse delete` removes it, the same command goes on with it");
    }
  }

  /// A ConfigMap too many is no reason to fail.
  void remove_unused_config_maps() {
    try {
      for (const auto& map : trial_.config_maps_to_spare()) remove(map);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted) throw;
      base::log_warning(std::string("ConfigMaps of earlier revisions stay: ") + error.what());
    }
  }

  kube::Client& client_;
  const std::string& workload_;
  const Change& change_;
  Trial& trial_;
};

}  // namespace

std::string why_not_ours(const json& live, const std::string& workload) {
  const auto label = [&](const char* name) {
    return object::text_at(live, {"metadata", "labels", name});
  };
  if (label(workload::label_managed_by) != workload::managed_by)
    return "is there already and is not Lotse's";
  const auto its = label(workload::label_workload);
  if (its == workload) return "";
  return its.empty() ? "is there already and belongs to no workload"
                     : "belongs to the workload '" + its + "'";
}

std::vector<json> unused_config_maps(const std::vector<json>& maps, const json& anchor,
                                     const std::vector<json>& users) {
  std::vector<std::string> used;
  used.reserve(users.size());
  for (const auto& user : users) used.push_back(user.dump());
  std::vector<json> unused;
  for (const auto& map : maps) {
    const auto quoted = json(object::name_of(map)).dump();
    if (object::is_owned_by(map, anchor) &&
        std::none_of(used.begin(), used.end(), [&](const std::string& text) {
          return text.find(quoted) != std::string::npos;
        }))
      unused.push_back(map);
  }
  return unused;
}

Applied write_workload(kube::Client& client, const std::string& workload, const Change& change) {
  check_claims(client, change.objects);
  Trial trial(client, workload, change);
  trial.look();
  const bool changes = trial.try_others();
  if (!changes && !trial.changes_anchor() && !trial.has_to_remove() && !trial.has_to_count())
    return Applied::unchanged;
  return Writer(client, workload, change, trial).write() ? Applied::changed : Applied::outrun;
}

std::vector<Tried> try_workload(kube::Client& client, const std::string& workload,
                                const Change& change) {
  Trial trial(client, workload, change);
  trial.look();
  auto anchor = trial.try_anchor();
  trial.try_others();
  return trial.tried(std::move(anchor));
}

void remove_and_wait(kube::Client& client, const json& object,
                     const std::function<void()>& meanwhile) {
  constexpr std::chrono::seconds longest{120};
  const auto& of = known_kind_of(object);
  const auto name = object::name_of(object);
  try {
    client.remove(of, name, {kube::Propagation::foreground, object::uid_of(object)});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::conflict) throw;  // it is gone, and another one has its name
  }
  kube::Mirror mirror(client, {&of}, {"", "metadata.name=" + name});
  const auto end = std::chrono::steady_clock::now() + longest;
  const auto is_there = [&] {
    const auto objects = mirror.objects();
    return std::any_of(objects.begin(), objects.end(), [&](const json& other) {
      return object::uid_of(other) == object::uid_of(object);
    });
  };
  while (is_there()) {
    if (std::chrono::steady_clock::now() > end)
      throw Error(ErrorKind::timeout, object::describe(object) + " is still being deleted",
                  "`lotse status` shows when it is gone");
    mirror.wait(std::chrono::seconds(1));
    if (meanwhile) meanwhile();
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::action
