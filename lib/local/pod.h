#pragma once
#include <poll.h>

#include <map>
#include <memory>
#include <optional>

#include "local/container.h"
#include "local/files.h"
#include "local/log.h"
#include "local/probe.h"
#include "local/time.h"

namespace lotse::local {

/// What the pods of one supervisor have in common.
struct PodHost {
  WorkloadFiles files;
  fs::path claims;
  fs::path runner;
  std::map<std::string, json> config_maps;
  std::chrono::milliseconds backoff{1000};
  std::function<void()> wake;
};

/// How long to wait after so many failures: `base` doubled `failures - 1` times, at most 5 minutes,
/// as Kubernetes' controllers and the kubelet do.
std::chrono::milliseconds backoff_delay(std::chrono::milliseconds base, int failures);

/// A name's random ending, from the letters that Kubernetes uses.
std::string random_ending();
/// A random UUID.
std::string random_uid();
/// "1/0" condition as Kubernetes writes it.
json condition(const std::string& type, bool status, const std::string& reason = "",
               const std::string& message = "");

/// One pod object and the process that is its container: restarts, probes, termination.
class Pod {
 public:
  /// `object` has metadata and spec; `rendezvous` is HOST:PORT of its Job's index 0, or "".
  Pod(json object, PodHost& host, std::string rendezvous);
  ~Pod();
  Pod(const Pod&) = delete;
  Pod& operator=(const Pod&) = delete;

  void start(SteadyTime now);
  /// Asks the process to end (after preStop's sleep), kills it after the grace period.
  void terminate(SteadyTime now, std::optional<std::chrono::milliseconds> grace = {});
  /// Does what is due; returns when it wants to be called next.
  SteadyTime tick(SteadyTime now);
  void add_descriptors(std::vector<pollfd>& list) const;

  bool ended() const { return ended_; }
  bool terminating() const { return terminating_; }
  bool ready() const { return ready_ && !terminating_ && !ended_; }
  std::optional<SteadyTime> ready_since() const { return ready_since_; }
  int exit_code() const { return exit_code_; }
  int restarts() const { return restarts_; }
  const std::string& name() const { return name_; }
  const std::string& container() const { return container_name_; }
  /// The port that stands for a containerPort, given by number or name; 0 if there is none.
  int port(const json& name_or_number) const;
  json object() const;

 private:
  void make_volumes();
  void start_container(SteadyTime now);
  void read_output(bool to_the_end);
  void check_end(SteadyTime now);
  void container_ended(SteadyTime now, json terminated);
  void check_probes(SteadyTime now);
  void end_container(SteadyTime now, std::chrono::milliseconds grace);
  void set_ready(bool ready, SteadyTime now);
  std::chrono::milliseconds grace() const;

  json object_;
  PodHost& host_;
  std::string name_, container_name_, restart_policy_;
  Places places_;
  std::map<int, int> port_numbers_;  ///< containerPort -> the one here
  std::optional<base::Process> process_;
  std::unique_ptr<LogWriter> log_;
  int pipes_[2] = {-1, -1};
  std::optional<Probe> startup_, readiness_, liveness_;
  bool started_ = false, ready_ = false, terminating_ = false, ended_ = false, launched_ = false;
  int restarts_ = 0, exit_code_ = 0;
  std::optional<SteadyTime> ready_since_, restart_at_, term_at_, kill_at_;
  json state_, last_state_ = json::object();
  std::string start_time_, ready_changed_;
};

}  // namespace lotse::local
