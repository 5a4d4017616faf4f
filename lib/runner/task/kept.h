#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "runner/device.h"
#include "runner/task/loading.h"

namespace lotse::runner::task {

/// Examples that are made of files, such as decoded pictures: kept in memory if all fit in a
/// quarter of what is left to this process (the pod's limit counts, and so do its other processes),
/// else made on each use. Thread-safe once loaded.
template <class Item, class Example>
class Kept {
 public:
  /// Throws Error(invalid) where the item's file is no such example.
  using Make = std::function<Example(const Item& item)>;

  Kept(std::vector<Item> items, int64_t bytes_each, Make make)
      : items_(std::move(items)), bytes_each_(bytes_each), make_(std::move(make)) {}

  /// Makes all of them, unless they do not fit: then a bad one is found on its first use. Throws
  /// Error(invalid) with every one that is bad. With `skip_bad` all are made in any case, and bad
  /// ones are left out; nothing left is an Error. `progress` is called by one of the `threads` at a
  /// time.
  LeftOut load(const std::function<void(int64_t done, int64_t total)>& progress,
               bool skip_bad = false, int64_t threads = 1) {
    const bool fits = count() * bytes_each_ <= base::memory_left() / 4 / processes_of_pod();
    if (!fits && !skip_bad) return {};
    auto all = make_all(fits, progress, threads);
    auto [indices, left_out] = good_ones(all.problems, skip_bad);
    std::vector<Item> good;
    for (const size_t i : indices) {
      good.push_back(std::move(items_[i]));
      if (fits) kept_.push_back(std::move(all.examples[i]));
    }
    items_ = std::move(good);
    return left_out;
  }

  int64_t count() const { return static_cast<int64_t>(items_.size()); }
  const std::vector<Item>& items() const { return items_; }
  /// Throws Error(invalid) if it cannot be made.
  std::shared_ptr<const Example> get(int64_t index) const {
    const auto at = static_cast<size_t>(index);
    return kept_.empty() ? std::make_shared<const Example>(make_(items_[at])) : kept_[at];
  }

 private:
  struct Made {
    std::vector<std::shared_ptr<const Example>> examples;  ///< null where it is not kept
    std::vector<std::optional<Finding>> problems;
  };

  Made make_all(bool keep, const std::function<void(int64_t, int64_t)>& progress, int64_t threads) {
    Made all;
    all.examples.resize(items_.size());
    all.problems = bad_ones(
        count(), threads,
        [&](int64_t i) {
          const auto at = static_cast<size_t>(i);
          auto example = std::make_shared<const Example>(make_(items_[at]));
          if (keep) all.examples[at] = std::move(example);
        },
        progress);
    return all;
  }

  std::vector<Item> items_;
  int64_t bytes_each_;
  Make make_;
  std::vector<std::shared_ptr<const Example>> kept_;
};

}  // namespace lotse::runner::task
