#include "action/attach.h"

#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "action/status.h"
#include "action/wait.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"

namespace lotse::action {

namespace {

/// Follows the logs on a thread of its own and remembers how far each pod was read, so that what
/// came after an interruption can be fetched without repeating a line.
class Follower {
 public:
  Follower(Target& target, std::string name, LogSink sink)
      : target_(target), name_(std::move(name)), sink_(std::move(sink)) {
    thread_ = std::thread([this] { follow(); });
  }
  ~Follower() {
    leave_ = true;
    finish();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// No more is expected: returns once what there is has been read. The destructor does not wait
  /// for that.
  void finish() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  /// Lines that the follower did not see because it was told to end early.
  void catch_up() {
    finish();
    const auto read = read_;
    target_.follow_logs(
        name_, {},
        [&](const LogLine& line) {
          const auto known = read.find({line.pod, line.container});
          if (known == read.end() || line.time > known->second) sink_(line);
        },
        [] { return true; });
  }

 private:
  void follow() {
    try {
      LogOptions options;
      options.follow = true;
      target_.follow_logs(
          name_, options,
          [this](const LogLine& line) {
            read_[{line.pod, line.container}] = line.time;
            sink_(line);
          },
          [this] {
            if (leave_) throw base::Error(base::ErrorKind::timeout, "nobody reads on");
            return stop_.load();
          });
    } catch (const base::Error& error) {
      if (!leave_) base::log_warning(std::string("the logs ended early: ") + error.what());
    }
  }

  Target& target_;
  std::string name_;
  LogSink sink_;
  std::map<std::pair<std::string, std::string>, std::string>
      read_;                         ///< till when, by pod and container
  std::atomic<bool> stop_ = false;   ///< no more than what has been printed is needed
  std::atomic<bool> leave_ = false;  ///< nothing is needed any more
  std::thread thread_;
};

}  // namespace

Attached attach(Target& target, const std::string& name, const Patience& patience,
                const AttachSinks& sinks) {
  std::mutex one_at_a_time;
  const LogSink line = [&](const LogLine& each) {
    const std::lock_guard lock(one_at_a_time);
    sinks.line(each);
  };
  const auto seen = [&](const workload::State& state) {
    const std::lock_guard lock(one_at_a_time);
    if (sinks.state) sinks.state(state);
  };
  Follower follower(target, name, line);
  try {
    auto state = wait(target, name, WaitFor::ended, patience, seen);
    follower.finish();
    return {std::move(state), false};
  } catch (const base::Error& error) {
    // What ended without a result may have printed why; after a time-out nobody waits for more.
    if (error.kind() == base::ErrorKind::failed) follower.finish();
    if (error.kind() != base::ErrorKind::interrupted) throw;
  }
  if (target.is_local()) {
    follower.finish();
    target.stop(name);
    follower.catch_up();
  }
  return {status(target, name), true};
}

}  // namespace lotse::action
