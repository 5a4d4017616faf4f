#include "runner/media/threads.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <vector>

namespace lotse::runner::media {

void on_threads(int64_t count, int64_t threads, const std::function<void(int64_t)>& work) {
  std::atomic<int64_t> next = 0;
  const auto take_part = [&] {
    try {
      for (int64_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      throw;
    }
  };
  std::vector<std::future<void>> others;
  for (int64_t i = 1; i < std::min(threads, count); ++i)
    others.push_back(std::async(std::launch::async, take_part));
  std::exception_ptr failure;
  const auto keep_first = [&](auto&& part) {
    try {
      part();
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  };
  keep_first(take_part);
  for (auto& other : others) keep_first([&] { other.get(); });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lotse::runner::media
