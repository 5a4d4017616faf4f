#include "runner/serve/worker.h"

#include <utility>

namespace lotse::runner::serve {

Worker::Worker(size_t most_waiting) : most_waiting_(most_waiting), thread_([this] { run(); }) {}

Worker::~Worker() {
  end();
}

void Worker::end() {
  std::deque<std::function<void()>> forgotten;  // destroyed outside the lock
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    forgotten.swap(tasks_);
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Worker::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || tasks_.size() >= most_waiting_) return false;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace lotse::runner::serve
