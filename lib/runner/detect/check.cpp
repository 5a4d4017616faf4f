#include "runner/detect/check.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/detect/dataset.h"
#include "runner/media/codec.h"
#include "runner/media/threads.h"

namespace lotse::runner::detect {

namespace {

using base::cat;
using task::Finding;

/// Whether each picture can be decoded; those that cannot become findings.
class Decoding {
 public:
  Decoding(int64_t total, int64_t threads, const std::function<void(int64_t, int64_t)>& progress)
      : total_(total), threads_(threads), progress_(progress) {}

  std::vector<bool> all(const std::vector<Item>& items, task::LeftOut& left_out) {
    std::vector<std::string> wrong(items.size());
    media::on_threads(static_cast<int64_t>(items.size()), threads_, [&](int64_t i) {
      base::throw_if_interrupted();
      try {
        media::read_image(items[static_cast<size_t>(i)].image);
      } catch (const base::Error& error) {
        if (error.kind() != base::ErrorKind::invalid) throw;
        wrong[static_cast<size_t>(i)] = error.what();
      }
      const std::scoped_lock lock(mutex_);
      if (progress_) progress_(++done_, total_);
    });
    std::vector<bool> good(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      good[i] = wrong[i].empty();
      if (!good[i]) left_out.all.push_back({Finding::picture, "", wrong[i]});
    }
    return good;
  }

 private:
  int64_t total_, threads_;
  const std::function<void(int64_t, int64_t)>& progress_;
  std::mutex mutex_;
  int64_t done_ = 0;
};

PartCount count(const char* part, const std::vector<Item>& items, const std::vector<bool>& good,
                size_t classes) {
  PartCount result{part, 0, 0, 0, std::vector<int64_t>(classes)};
  for (size_t i = 0; i < items.size(); ++i) {
    if (!good[i]) continue;
    ++result.pictures;
    result.without_label_file += items[i].labelled ? 0 : 1;
    result.objects += static_cast<int64_t>(items[i].boxes.size());
    for (const auto& box : items[i].boxes) ++result.by_class[static_cast<size_t>(box.class_id)];
  }
  return result;
}

/// Pictures that are trained on tell nothing when they are validated on.
int64_t in_both(const DataSet& set) {
  std::set<std::filesystem::path> train;
  for (const auto& item : set.train) train.insert(item.image);
  return std::count_if(set.val.begin(), set.val.end(),
                       [&](const Item& item) { return train.count(item.image) > 0; });
}

}  // namespace

Checked check(const std::filesystem::path& yaml, int64_t threads,
              const std::function<void(int64_t, int64_t)>& progress) {
  const auto set = read_data_set(yaml, true);
  Checked result{set.names, {}, set.left_out, set.notes};
  Decoding decoding(static_cast<int64_t>(set.train.size() + set.val.size()), threads, progress);
  for (const auto* part : {"train", "val"}) {
    const auto& items = std::string(part) == "train" ? set.train : set.val;
    const auto good = decoding.all(items, result.left_out);
    result.parts.push_back(count(part, items, good, set.names.size()));
  }
  for (size_t c = 0; c < set.names.size(); ++c)
    for (const auto& part : result.parts)
      if (part.by_class[c] == 0)
        result.notes.push_back(cat("class ", c, " (", base::printable(set.names[c]),
                                   ") has no objects in ", part.part));
  if (const auto both = in_both(set); both > 0)
    result.notes.push_back(cat(both, " pictures are in train and in val"));
  return result;
}

}  // namespace lotse::runner::detect
