#pragma once
#include <functional>
#include <string>

#include "action/cluster.h"

namespace lotse::action {

using kube::json;

struct HelperWish {
  std::string claim;
  bool read_only = false;
  std::string image;  ///< the runner's
  std::string image_pull_policy = "IfNotPresent";
};

/// Where the claim is mounted in a helper pod.
inline constexpr auto helper_folder = "/volumes/data";

/// Pure: a pod of the runner's image that mounts a claim and waits to be told what to do with it
/// (`lotse-runner files wait`). It keeps Pod Security's restricted rules, belongs to no workload,
/// and ends by itself: a while after nobody talks to it any more, and in a day at the latest. On
/// `node`, if that is not "": a claim that another pod uses may be bound to it.
json helper_manifest(const std::string& name, const HelperWish& wish, const std::string& node);

/// A helper pod that runs; deleted by the destructor, even after an interruption.
class HelperPod {
 public:
  /// Deletes helpers that have ended, makes one, and waits until it runs; `waits` is told why it
  /// does not yet. Throws Error(failed) if it cannot start, Error(timeout), Error(interrupted).
  HelperPod(Cluster& cluster, const HelperWish& wish,
            const std::function<void(const std::string&)>& waits);
  ~HelperPod();
  HelperPod(const HelperPod&) = delete;
  HelperPod& operator=(const HelperPod&) = delete;

  const std::string& name() const { return name_; }

 private:
  void wait_until_it_runs(const std::string& claim,
                          const std::function<void(const std::string&)>& waits);
  void remove();

  kube::Client& client_;
  std::string name_;
};

}  // namespace lotse::action
