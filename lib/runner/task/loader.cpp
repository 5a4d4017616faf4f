#include "runner/task/loader.h"

#include <ATen/Parallel.h>

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <tuple>

#include "runner/task/random.h"

namespace lotse::runner::task {

namespace {

std::shared_ptr<const Order> make_order(uint64_t seed, int64_t epoch, int64_t examples) {
  auto order = std::make_shared<Order>();
  order->examples =
      Random({order_stream, seed, static_cast<uint64_t>(epoch)}).permutation(examples);
  order->places.resize(order->examples.size());
  for (size_t i = 0; i < order->examples.size(); ++i)
    order->places[static_cast<size_t>(order->examples[i])] = static_cast<int64_t>(i);
  return order;
}

}  // namespace

std::shared_ptr<const Order> epoch_order(uint64_t seed, int64_t epoch, int64_t examples) {
  using Key = std::tuple<uint64_t, int64_t, int64_t>;
  static std::mutex mutex;
  static std::list<std::pair<Key, std::shared_ptr<const Order>>> latest;
  constexpr size_t remembered = 3;
  const Key key(seed, epoch, examples);
  const std::scoped_lock lock(mutex);
  for (const auto& [of, order] : latest)
    if (of == key) return order;
  latest.emplace_front(key, make_order(seed, epoch, examples));
  if (latest.size() > remembered) latest.pop_back();
  return latest.front().second;
}

std::vector<int64_t> global_batch(uint64_t seed, int64_t epoch, int64_t batch, int64_t batch_size,
                                  int64_t examples) {
  const auto order = epoch_order(seed, epoch, examples);
  std::vector<int64_t> indices;
  for (int64_t i = batch * batch_size; i < (batch + 1) * batch_size; ++i)
    indices.push_back(order->examples[static_cast<size_t>(i % examples)]);
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

void step_back() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
}

Batch on_device(Batch batch, const torch::Device& device) {
  if (device.is_cpu()) return batch;
  // The steps' own stream is busy; another one copies meanwhile, and this thread waits for it.
  const c10::impl::VirtualGuardImpl driver(device.type());
  const auto steps = driver.getDefaultStream(device);
  const auto copies = driver.getStreamFromGlobalPool(device, false);
  {
    const c10::StreamGuard guard(copies);
    batch.inputs = batch.inputs.to(device, true);
  }
  copies.synchronize();
  batch.inputs.record_stream(steps);
  return batch;
}

}  // namespace lotse::runner::task
