#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace lotse::runner::serve {

/// One thread that carries out tasks in order.
class Worker {
 public:
  /// The most tasks that may wait; more are turned away.
  explicit Worker(size_t most_waiting = 256);
  ~Worker();  ///< end()

  /// Drops the tasks that wait, and returns when the one that runs is done.
  void end();

  /// Adds a task; false if too many wait, or after end().
  bool post(std::function<void()> task);

 private:
  void run();

  size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace lotse::runner::serve
