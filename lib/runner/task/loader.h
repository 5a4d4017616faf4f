#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <vector>

#include "runner/task/batch.h"

namespace lotse::runner::task {

/// The examples of global batch `batch` of `epoch`: the same set for every number of ranks. The
/// order is a permutation by (seed, epoch); the last batch is filled up from its beginning.
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

/// Makes batches `first` to `end` - 1 ahead of their use, `depth` at a time on threads of their
/// own.
class Prefetcher {
 public:
  Prefetcher(int64_t first, int64_t end, int64_t depth, std::function<Batch(int64_t)> make);
  ~Prefetcher();
  /// The next batch. If making it failed, the error is thrown here.
  Batch next();

 private:
  void start();
  int64_t next_, end_;
  std::function<Batch(int64_t)> make_;
  std::deque<std::future<Batch>> waiting_;
};

}  // namespace lotse::runner::task
