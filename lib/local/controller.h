#pragma once
#include <memory>
#include <vector>

#include "local/pod.h"

namespace lotse::local {

/// Carries out one Job or one Deployment.
class Controller {
 public:
  virtual ~Controller() = default;
  /// The manifest has changed.
  virtual void update(json object) = 0;
  /// Ends all pods and starts none (true), or goes on (false).
  virtual void set_stopped(bool stopped, std::optional<std::chrono::milliseconds> grace) = 0;
  /// Does what is due and returns the time at which it is to be called next.
  virtual SteadyTime tick(SteadyTime now) = 0;
  /// Whether nothing runs, and nothing will unless the wanted state changes.
  virtual bool idle() const = 0;
  /// The object with its status, then what belongs to it.
  virtual std::vector<json> objects() const = 0;
  const std::vector<std::unique_ptr<Pod>>& pods() const { return pods_; }
  const json& object() const { return object_; }

 protected:
  Controller(json object, PodHost& host) : object_(std::move(object)), host_(host) {}
  /// A pod of spec.template, owned by `owner`.
  json new_pod(const std::string& name, const json& owner) const;

  json object_;
  PodHost& host_;
  std::vector<std::unique_ptr<Pod>> pods_;
};

/// What made it, as object::owner_reference names it; {} where it has no owner.
json owner_of(const json& object);

/// The Job that `object` is, or that it belongs to as a pod, as object::controller_reference names
/// it; {} where there is none.
json job_of(const json& object);

/// Whether an object is, or belongs to, a Job that is not among the manifests `wanted`: an earlier
/// Job, whose pods and logs stay as a record.
bool is_of_earlier_job(const json& object, const std::vector<json>& wanted);

/// `past` are the objects of a supervisor before this one, or none.
std::unique_ptr<Controller> make_job(json object, PodHost& host, const std::vector<json>& past);
std::unique_ptr<Controller> make_deployment(json object, PodHost& host,
                                            const std::vector<json>& past);

}  // namespace lotse::local
