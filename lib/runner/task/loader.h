#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "runner/task/batch.h"

namespace lotse::runner::task {

/// The order of an epoch's examples, a permutation by (seed, epoch), and where each stands in it.
struct Order {
  std::vector<int64_t> examples, places;
};

/// The latest few are remembered. Thread-safe.
std::shared_ptr<const Order> epoch_order(uint64_t seed, int64_t epoch, int64_t examples);

/// The examples of global batch `batch` of `epoch`: the same set for every number of ranks, in
/// epoch_order(); the last batch is filled up from its beginning.
std::vector<int64_t> global_batch(uint64_t seed, int64_t epoch, int64_t batch, int64_t batch_size,
                                  int64_t examples);

/// One rank's share of a batch: every `world_size`-th example, beginning with the one at `rank`.
std::vector<int64_t> share(const std::vector<int64_t>& batch, int64_t rank, int64_t world_size);

/// How a batch is made. `pinned` memory is what a GPU reads without the processor's help.
struct Making {
  int64_t threads = 1;
  bool pinned = false;
};

/// One thread where training itself uses the processor; all of them, shared by the batches that a
/// Prefetcher makes at a time, where a GPU does.
Making making_for(const torch::Device& device);

/// The batch with its inputs on `device`, copied beside what the device does meanwhile.
Batch on_device(Batch batch, const torch::Device& device);

/// From here on this thread, and those that it starts, take the processor where others leave it.
void step_back();

/// Makes things `first` to `end` - 1 ahead of their use, `depth` at a time on threads of their own,
/// which step back: a step that computes on all cores waits for the slowest of its threads.
template <class Made>
class Prefetcher {
 public:
  Prefetcher(int64_t first, int64_t end, int64_t depth, std::function<Made(int64_t)> make)
      : next_(first), end_(end), make_(std::move(make)) {
    for (int64_t i = 0; i < depth; ++i) start();
  }

  /// The next one. If making it failed, the error is thrown here.
  Made next() {
    auto made = waiting_.front().get();
    waiting_.pop_front();
    start();
    return made;
  }

 private:
  void start() {
    if (next_ == end_) return;
    waiting_.push_back(std::async(std::launch::async, [make = make_, number = next_++] {
      step_back();
      return make(number);
    }));
  }

  int64_t next_, end_;
  std::function<Made(int64_t)> make_;
  std::deque<std::future<Made>> waiting_;  // those of std::async wait for their threads
};

}  // namespace lotse::runner::task
