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
  /// More waiting tasks than this are turned away.
  explicit Worker(size_t most_waiting = 256);
  ~Worker();  ///< end()

  /// Forgets what waits; returns when the task being carried out is done.
  void end();

  /// False if too many wait, or after end().
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
