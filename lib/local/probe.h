#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "local/time.h"

namespace lotse::local {

using nlohmann::json;

/// A free TCP port of 127.0.0.1 below the range that the system gives to outgoing connections, so
/// that none of those takes it before it is listened on. This process never gets the same one
/// twice.
int free_port();

/// Makes one httpGet or tcpSocket request to 127.0.0.1:port; true if it was answered within the
/// probe's timeoutSeconds, by a code from 200 to 399. Blocks.
bool ask(const json& probe, int port);

/// A container's startup, readiness or liveness probe: asks in the background at its period and
/// counts, with the kubelet's defaults (period 10 s, timeout 1 s, 1 success, 3 failures).
class Probe {
 public:
  /// `wake` is called from another thread whenever an answer is there.
  Probe(json probe, int port, std::function<void()> wake);

  void start(SteadyTime now);  ///< the container has started: counts from the beginning
  /// Takes an answer that has come and asks again when it is time; returns the time at which it is
  /// to be called next.
  SteadyTime tick(SteadyTime now);
  bool succeeded() const { return successes_ >= need_success_; }
  bool failed() const { return failures_ >= need_failures_; }

 private:
  json probe_;
  int port_;
  std::function<void()> wake_;
  std::chrono::milliseconds period_;
  int need_success_, need_failures_;
  int successes_ = 0, failures_ = 0;
  SteadyTime next_{};
  std::shared_ptr<std::atomic<int>> answer_;  ///< -1: still asking
};

}  // namespace lotse::local
