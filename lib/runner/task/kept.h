#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/media/codec.h"
#include "runner/media/picture_cache.h"
#include "runner/media/recent.h"
#include "runner/task/keeping.h"
#include "runner/task/loading.h"

namespace lotse::runner::task {

/// The form in which a family takes pictures. `read` throws Error(invalid) where a file is none.
template <class Item, class Example>
struct Form {
  std::string name;   ///< by which a cache on disk tells it from other forms: "longer side 640"
  int64_t bytes = 0;  ///< that an example is counted with before it is decoded
  std::function<media::Image(const std::filesystem::path&)> read;
  std::function<Example(const Item&, media::Image)> make;
  std::function<int64_t(const Example&)> bytes_of;
};

/// The pictures of a data set, decoded, each an Example of its Item, whose member `image` is its
/// path. Thread-safe once loaded.
template <class Item, class Example>
class Kept {
 public:
  using Pointer = std::shared_ptr<const Example>;

  Kept(std::vector<Item> items, Form<Item, Example> form, const Keeping& keeping)
      : items_(std::move(items)),
        form_(std::move(form)),
        keeping_(keeping),
        // Those that were decoded latest take half of the memory for pictures at most.
        recent_count_(std::min(keeping.recent, memory_for(keeping) / 2 / form_.bytes)),
        recent_(static_cast<size_t>(recent_count_)) {
    if (keeping_.cache == "disk") disk_.emplace(keeping_.folder);
  }

  /// Decodes all that are to be kept; with "no", and with "auto" where they do not fit, none: then
  /// a picture that cannot be decoded is found on its first use. Throws Error(invalid) with every
  /// one of these. With `skip_bad` all are decoded in any case, and those that cannot be are left
  /// out; no picture left is an Error. `progress` is called by one of the `threads` at a time.
  LeftOut load(const std::function<void(int64_t done, int64_t total)>& progress,
               bool skip_bad = false, int64_t threads = 1) {
    const auto memory = memory_for(keeping_);
    const bool fits = count() * form_.bytes <= memory;
    const bool in_memory = keeping_.cache == "ram" || (keeping_.cache == "auto" && fits);
    if (!in_memory && !disk_ && !skip_bad) return {};
    const auto for_recent = fits ? 0 : recent_count_ * form_.bytes;
    return keep(in_memory ? memory - for_recent : 0, progress, skip_bad, threads);
  }

  int64_t count() const { return static_cast<int64_t>(items_.size()); }
  const std::vector<Item>& items() const { return items_; }
  /// Where they are, after load(): KeptCount::in_words and problem.
  std::string kept_in_words() const { return counted().in_words(); }
  std::string problem() const { return counted().problem(keeping_); }

  /// The i-th example. Throws Error(invalid) if it cannot be decoded.
  Pointer get(int64_t index) const {
    const auto at = static_cast<size_t>(index);
    if (!kept_.empty() && kept_[at]) return kept_[at];
    return recent_.get(index, [&] { return decode(at); });
  }

 private:
  Pointer decode(size_t at) const {
    const auto& item = items_[at];
    std::optional<media::Image> picture;
    if (disk_) picture = disk_->read(item.image, form_.name);
    if (!picture) picture = form_.read(item.image);
    return std::make_shared<const Example>(form_.make(item, *std::move(picture)));
  }

  bool write(const std::filesystem::path& picture) const {
    return disk_->has(picture, form_.name) ||
           disk_->write(picture, form_.name, form_.read(picture));
  }

  /// Keeps what `memory` bytes hold, or all on disk.
  LeftOut keep(int64_t memory, const std::function<void(int64_t, int64_t)>& progress, bool skip_bad,
               int64_t threads) {
    std::vector<Pointer> made(items_.size());
    std::atomic<int64_t> used = 0, unwritten = 0;
    const auto bad = bad_ones(
        count(), threads,
        [&](int64_t i) {
          const auto at = static_cast<size_t>(i);
          if (disk_) {
            unwritten += write(items_[at].image) ? 0 : 1;
            return;
          }
          auto example = decode(at);
          const auto bytes = form_.bytes_of(*example);
          if (used.fetch_add(bytes) + bytes <= memory)
            made[at] = std::move(example);
          else
            used -= bytes;
        },
        progress);
    unwritten_ = unwritten;
    return take(std::move(made), bad, skip_bad);
  }

  LeftOut take(std::vector<Pointer> made, const std::vector<std::optional<Finding>>& bad,
               bool skip_bad) {
    auto [indices, left_out] = good_ones(bad, skip_bad);
    std::vector<Item> good;
    for (const size_t i : indices) {
      good.push_back(std::move(items_[i]));
      kept_.push_back(std::move(made[i]));
    }
    items_ = std::move(good);
    return left_out;
  }

  KeptCount counted() const {
    KeptCount counts = {count(), 0, 0, disk_ ? disk_->folder() : "", unwritten_};
    for (const auto& example : kept_) {
      if (!example) continue;
      counts.bytes += form_.bytes_of(*example);
      ++counts.in_memory;
    }
    return counts;
  }

  std::vector<Item> items_;
  Form<Item, Example> form_;
  Keeping keeping_;
  std::optional<media::PictureCache> disk_;
  int64_t unwritten_ = 0;
  std::vector<Pointer> kept_;  ///< null: not this one; empty: none
  int64_t recent_count_;
  mutable media::Recent<Example> recent_;
};

}  // namespace lotse::runner::task
