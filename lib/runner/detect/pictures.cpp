#include "runner/detect/pictures.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/strings.h"
#include "runner/device.h"
#include "runner/media/letterbox.h"
#include "runner/media/threads.h"
#include "runner/task/loading.h"

namespace lotse::runner::detect {

using base::bytes_in_words;
using base::cat;
using task::LeftOut;

/// What has become of a picture.
struct Pictures::Decoded {
  std::shared_ptr<const Sample> sample;  ///< null where it is not kept in memory
  std::optional<task::Finding> problem;
};

namespace {

/// The most that a picture can take.
int64_t bytes_of(int side) {
  return int64_t{side} * side * 3;
}

int64_t bytes_of(const Sample& sample) {
  size_t bytes =
      sample.image.rgb.size() + (sample.boxes.size() + sample.crowds.size()) * sizeof(Box);
  for (const auto& outline : sample.outlines)
    bytes += sizeof(Outline) + outline.size() * sizeof(Vertex);
  return static_cast<int64_t>(bytes);
}

/// The picture with `side` as its longer side.
void make_long(media::Image& picture, int side) {
  const double ratio = static_cast<double>(side) / std::max(picture.width, picture.height);
  if (ratio == 1) return;
  const auto scaled = [&](int length) {
    return std::clamp(static_cast<int>(std::ceil(length * ratio)), 1, side);
  };
  picture = media::resize(picture, scaled(picture.width), scaled(picture.height));
}

/// Of those that were decoded latest, as many as fit into half of the memory for pictures.
int64_t recent_within(const Keeping& keeping, int64_t memory, int side) {
  return std::min(keeping.recent, memory / 2 / bytes_of(side));
}

int64_t memory_for(const Keeping& keeping) {
  if (keeping.memory >= 0) return keeping.memory;
  return base::memory_left() / (keeping.cache == "ram" ? 2 : 4) / processes_of_pod();
}

}  // namespace

Pictures::Pictures(std::vector<Item> items, int side, const Keeping& keeping)
    : items_(std::move(items)),
      side_(side),
      keeping_(keeping),
      recent_count_(recent_within(keeping, memory_for(keeping), side)),
      recent_(static_cast<size_t>(recent_count_)) {
  if (keeping_.cache == "disk") disk_.emplace(keeping_.folder);
}

LeftOut Pictures::load(const std::function<void(int64_t, int64_t)>& progress, bool skip_bad,
                       int64_t threads) {
  const auto memory = memory_for(keeping_);
  const bool fits = count() * bytes_of(side_) <= memory;
  const bool in_memory = keeping_.cache == "ram" || (keeping_.cache == "auto" && fits);
  if (!in_memory && !disk_ && !skip_bad) return {};
  const auto for_recent = fits ? 0 : recent_count_ * bytes_of(side_);
  return take(decode_all(progress, threads, in_memory ? memory - for_recent : 0), skip_bad);
}

std::vector<Pictures::Decoded> Pictures::decode_all(
    const std::function<void(int64_t, int64_t)>& progress, int64_t threads, int64_t memory) {
  std::vector<Decoded> all(items_.size());
  std::mutex counting;
  int64_t done = 0, unwritten = 0, used = 0;
  media::on_threads(count(), threads, [&](int64_t i) {
    base::throw_if_interrupted();
    auto& decoded = all[static_cast<size_t>(i)];
    const auto& item = items_[static_cast<size_t>(i)];
    std::shared_ptr<const Sample> sample;
    bool written = true;
    try {
      if (!disk_ || !disk_->has(item.image, side_)) sample = decode(i);
      if (disk_ && sample) written = disk_->write(item.image, side_, sample->image);
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::invalid) throw;
      decoded.problem = task::finding_of(error);
    }
    const std::scoped_lock lock(counting);
    unwritten += written ? 0 : 1;
    if (sample && used + bytes_of(*sample) <= memory) {
      used += bytes_of(*sample);
      decoded.sample = std::move(sample);
    }
    if (progress) progress(++done, count());
  });
  tell_problem(unwritten);
  return all;
}

LeftOut Pictures::take(std::vector<Decoded> all, bool skip_bad) {
  std::vector<std::optional<task::Finding>> problems;
  for (auto& one : all) problems.push_back(std::move(one.problem));
  auto [indices, left_out] = task::good_ones(problems, skip_bad);
  std::vector<std::shared_ptr<const Sample>> kept;
  std::vector<Item> good;
  for (const size_t i : indices) {
    good.push_back(std::move(items_[i]));
    kept.push_back(std::move(all[i].sample));
  }
  items_ = std::move(good);
  const auto in_memory = std::count_if(kept.begin(), kept.end(), [](auto& one) { return !!one; });
  if (in_memory > 0) kept_ = std::move(kept);
  if (keeping_.cache == "ram" && in_memory < count())
    problem_ = cat("--cache ram: not all decoded pictures fit into the memory that is left here (",
                   bytes_in_words(base::memory_left()), "): ", kept_in_words());
  return left_out;
}

void Pictures::tell_problem(int64_t unwritten) {
  if (unwritten > 0)
    problem_ = cat("--cache disk: ", unwritten, " pictures could not be written into ",
                   base::printable(disk_->folder().string()), ": they are decoded when needed");
}

std::string Pictures::kept_in_words() const {
  int64_t bytes = 0, in_memory = 0;
  for (const auto& sample : kept_) {
    if (!sample) continue;
    bytes += bytes_of(*sample);
    ++in_memory;
  }
  if (disk_) return "on disk in " + base::printable(disk_->folder().string());
  if (in_memory == count()) return cat("in memory (", bytes_in_words(bytes), ")");
  if (in_memory == 0) return "decoded when needed";
  return cat(in_memory, " of ", count(), " in memory (", bytes_in_words(bytes),
             "), the others decoded when needed");
}

std::vector<std::pair<int, int>> Pictures::sizes(int64_t threads) const {
  std::vector<std::pair<int, int>> all(items_.size());
  media::on_threads(count(), threads, [&](int64_t i) {
    const auto sample = get(i);
    all[static_cast<size_t>(i)] = {sample->image.width, sample->image.height};
  });
  return all;
}

std::shared_ptr<const Sample> Pictures::get(int64_t index) const {
  const auto at = static_cast<size_t>(index);
  if (!kept_.empty() && kept_[at]) return kept_[at];
  return recent_.get(index, [&] { return decode(index); });
}

media::Image Pictures::read(const Item& item) const {
  if (disk_)
    if (auto cached = disk_->read(item.image, side_)) return std::move(*cached);
  auto picture = media::read_image(item.image);
  make_long(picture, side_);
  return picture;
}

std::shared_ptr<const Sample> Pictures::decode(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  auto sample = std::make_shared<Sample>();
  sample->image = read(item);
  const auto& picture = sample->image;
  const auto in_pixels = [&](Box box) {
    box.x1 *= picture.width, box.x2 *= picture.width;
    box.y1 *= picture.height, box.y2 *= picture.height;
    return box;
  };
  for (const auto& crowd : item.crowds) sample->crowds.push_back(in_pixels(crowd));
  for (size_t i = 0; i < item.boxes.size(); ++i) {
    auto outline = outline_of(item, i);
    for (auto& [x, y] : outline)
      x *= static_cast<float>(picture.width), y *= static_cast<float>(picture.height);
    add_object(*sample, in_pixels(item.boxes[i]), outline);
  }
  return sample;
}

}  // namespace lotse::runner::detect
