#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "kube/client.h"

namespace lotse::action {

using kube::json;

/// The right to change one workload of a cluster, held by a mark in its anchor: an annotation that
/// says who writes what since when. Whoever begins to write puts it there in the same request that
/// makes or changes the anchor, and that request fails if the anchor is not as it was seen: of
/// several commands at the same moment one gets it (promise A7). A mark that its holder has not
/// renewed for `stale_after` is of a dead command and anybody's; by the clocks of the machines, as
/// with a Lease.
class AnchorLock {
 public:
  inline static constexpr std::chrono::seconds stale_after{30};
  inline static constexpr std::chrono::seconds renewed_every{10};

  /// Writes `anchor` over `seen` (null: there is none yet). `content` names what is going to be
  /// written: a command that writes the same content takes over at once, for it does what the
  /// holder does. Nothing if the anchor is no longer as `seen`; Error(conflict) naming the holder
  /// if another command writes other content.
  static std::optional<AnchorLock> take(kube::Client& client, const json& seen, const json& anchor,
                                        const std::string& content);

  const json& anchor() const { return anchor_; }  ///< as the server has it

  /// To be called now and then while writing. Throws Error(conflict) if the lock was lost.
  void renew();
  bool is_held();  ///< asks the server
  /// Takes the mark off. Throws Error(conflict) if the workload was deleted meanwhile; if a command
  /// with the same content has taken over, that one does it.
  void release();
  /// Puts the anchor back as it was seen, or deletes it if there was none.
  void undo();

 private:
  AnchorLock(kube::Client& client, json seen, json mark)
      : client_(client), seen_(std::move(seen)), mark_(std::move(mark)) {}
  /// Changes the anchor as `change` says. False if it is not ours any more.
  bool patch(json change);

  kube::Client& client_;
  json seen_;
  json mark_;
  json anchor_;
  std::chrono::steady_clock::time_point written_{};
};

/// Pure: who writes the workload of this anchor, as its mark says; "" if nobody does.
std::string holder_of(const json& anchor);

/// Pure: the merge patch that makes `seen` what `anchor` says. Lotse's own annotations and the data
/// that `anchor` does not name go, those of others stay.
json anchor_change(const json& seen, const json& anchor);

}  // namespace lotse::action
