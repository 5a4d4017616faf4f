#include "runner/task/loader.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "runner/task/random.h"

namespace lotse::runner::task {

std::vector<int64_t> global_batch(uint64_t seed, int64_t epoch, int64_t batch, int64_t batch_size,
                                  int64_t examples) {
  const auto order =
      Random({order_stream, seed, static_cast<uint64_t>(epoch)}).permutation(examples);
  std::vector<int64_t> indices;
  for (int64_t i = batch * batch_size; i < (batch + 1) * batch_size; ++i)
    indices.push_back(order[static_cast<size_t>(i % examples)]);
  return indices;
}

std::vector<int64_t> share(const std::vector<int64_t>& batch, int64_t rank, int64_t world_size) {
  std::vector<int64_t> mine;
  for (auto i = static_cast<size_t>(rank); i < batch.size(); i += static_cast<size_t>(world_size))
    mine.push_back(batch[i]);
  return mine;
}

Making making_for(const torch::Device& device) {
  constexpr int at_a_time = 3;
  if (!device.is_cuda()) return {};
  return {std::max(1, at::get_num_threads() / at_a_time), true};
}

}  // namespace lotse::runner::task
