#include "runner/classify/check.h"

#include <utility>

#include "runner/classify/dataset.h"
#include "runner/media/codec.h"
#include "runner/task/loading.h"

namespace lotse::runner::classify {

task::Checked check(const std::filesystem::path& folder, int64_t threads,
                    const std::function<void(int64_t, int64_t)>& progress) {
  const auto set = read_data_set(folder, true, Parts::all);
  task::Checked result{set.names, {}, set.left_out, set.notes, false};
  const auto total = static_cast<int64_t>(set.train.size() + set.val.size());
  int64_t done = 0;
  for (const auto& [part, items] : {std::pair("train", &set.train), std::pair("val", &set.val)}) {
    if (items->empty()) continue;
    auto bad = task::bad_ones(
        static_cast<int64_t>(items->size()), threads,
        [&](int64_t i) { media::read_image((*items)[static_cast<size_t>(i)].image); },
        [&](int64_t, int64_t) {
          if (progress) progress(++done, total);
        });
    const auto good = task::good_of(*items, std::move(bad), result.left_out);
    task::PartCount count{part, 0, 0, 0, std::vector<int64_t>(set.names.size())};
    for (size_t i = 0; i < items->size(); ++i) {
      if (!good[i]) continue;
      ++count.pictures;
      ++count.by_class[static_cast<size_t>((*items)[i].class_id)];
    }
    result.parts.push_back(std::move(count));
  }
  return result;
}

}  // namespace lotse::runner::classify
