#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>

namespace lotse::runner::media {

/// The `capacity` values that were made latest, by index. Thread-safe. One that is being made is
/// waited for and not made twice; one that could not be made is forgotten.
template <class Value>
class Recent {
 public:
  using Pointer = std::shared_ptr<const Value>;

  explicit Recent(size_t capacity) : capacity_(capacity) {}

  Pointer get(int64_t index, const std::function<Pointer()>& make) {
    if (capacity_ == 0) return make();
    std::promise<Pointer> promise;
    {
      std::unique_lock lock(mutex_);
      if (const auto found = values_.find(index); found != values_.end()) {
        const auto value = found->second;
        lock.unlock();
        return value.get();
      }
      values_.emplace(index, promise.get_future().share());
      order_.push_back(index);
      if (order_.size() > capacity_) {
        values_.erase(order_.front());
        order_.pop_front();
      }
    }
    try {
      auto value = make();
      promise.set_value(value);
      return value;
    } catch (...) {
      promise.set_exception(std::current_exception());
      const std::scoped_lock lock(mutex_);
      values_.erase(index);
      std::erase(order_, index);
      throw;
    }
  }

 private:
  size_t capacity_;
  std::mutex mutex_;
  std::map<int64_t, std::shared_future<Pointer>> values_;
  std::deque<int64_t> order_;  ///< the oldest first
};

}  // namespace lotse::runner::media
