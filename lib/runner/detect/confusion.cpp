#include "runner/detect/confusion.h"

#include <algorithm>

namespace lotse::runner::detect {

Confusion::Confusion(size_t classes) : counts_(classes + 1, std::vector<int64_t>(classes + 1)) {}

void Confusion::add(const std::vector<Detection>& found, const std::vector<TruthBox>& truth) {
  constexpr float least_confidence = 0.25F, least_overlap = 0.45F;
  struct Pair {
    size_t found, truth;
    float overlap;
  };
  std::vector<Pair> pairs;
  for (size_t f = 0; f < found.size(); ++f) {
    if (found[f].confidence <= least_confidence) continue;
    for (size_t t = 0; t < truth.size(); ++t)
      if (const float overlap = iou(found[f].box, truth[t].box); overlap > least_overlap)
        pairs.push_back({f, t, overlap});
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.overlap > b.overlap; });
  const auto nothing = counts_.size() - 1;
  std::vector<bool> used(found.size()), met(truth.size());
  for (const auto& pair : pairs) {
    if (used[pair.found] || met[pair.truth]) continue;
    used[pair.found] = met[pair.truth] = true;
    ++counts_[static_cast<size_t>(truth[pair.truth].class_id)]
             [static_cast<size_t>(found[pair.found].class_id)];
  }
  for (size_t f = 0; f < found.size(); ++f)
    if (!used[f] && found[f].confidence > least_confidence)
      ++counts_[nothing][static_cast<size_t>(found[f].class_id)];
  for (size_t t = 0; t < truth.size(); ++t)
    if (!met[t]) ++counts_[static_cast<size_t>(truth[t].class_id)][nothing];
}

}  // namespace lotse::runner::detect
