#include "runner/detect/operating_point.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lotse::runner::detect {

namespace {

constexpr size_t points = 1000;
using Line = std::array<double, points>;

double confidence_at(size_t point) {
  return static_cast<double>(point) / (points - 1);
}

struct Lines {
  Line precision = {}, recall = {}, f1 = {};
};

/// A detection of one class.
struct Found {
  double confidence = 0;
  bool right = false;
};

/// `found` by falling confidence. Between two detections the curves are straight; above the most
/// confident one nothing is found, and nothing of it is wrong.
Lines lines_of(const std::vector<Found>& found, int64_t objects) {
  std::vector<double> precision, recall;
  double hits = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    hits += found[i].right ? 1 : 0;
    precision.push_back(hits / static_cast<double>(i + 1));
    recall.push_back(hits / static_cast<double>(objects));
  }
  Lines lines;
  for (size_t p = 0; p < points; ++p) {
    const double confidence = confidence_at(p);
    // The first one that is less confident.
    const auto below = static_cast<size_t>(
        std::find_if(found.begin(), found.end(),
                     [&](const Found& one) { return one.confidence < confidence; }) -
        found.begin());
    if (below == 0) {
      lines.precision[p] = 1;
    } else if (below == found.size()) {
      lines.precision[p] = precision.back(), lines.recall[p] = recall.back();
    } else {
      const double above = found[below - 1].confidence;
      const double part = (above - confidence) / (above - found[below].confidence);
      const auto between = [&](const std::vector<double>& of) {
        return of[below - 1] + part * (of[below] - of[below - 1]);
      };
      lines.precision[p] = between(precision), lines.recall[p] = between(recall);
    }
    const double sum = lines.precision[p] + lines.recall[p];
    lines.f1[p] = 2 * lines.precision[p] * lines.recall[p] / (sum + 1e-16);
  }
  return lines;
}

/// The mean of the 101 points around each; beyond the ends the last ones go on.
Line smoothed(const Line& line) {
  constexpr int reach = points / 20;
  Line result = {};
  for (int p = 0; p < static_cast<int>(points); ++p) {
    double sum = 0;
    for (int i = p - reach; i <= p + reach; ++i)
      sum += line[static_cast<size_t>(std::clamp(i, 0, static_cast<int>(points) - 1))];
    result[static_cast<size_t>(p)] = sum / (2 * reach + 1);
  }
  return result;
}

}  // namespace

OperatingPoint operating_point(const torch::Tensor& rows, const std::vector<int64_t>& objects) {
  std::vector<std::vector<Found>> by_class(objects.size());
  const auto contiguous = rows.contiguous();
  const auto table = contiguous.accessor<double, 2>();
  for (int64_t i = 0; i < table.size(0); ++i)
    by_class[static_cast<size_t>(table[i][1])].push_back({table[i][0], table[i][2] != 0});
  std::vector<std::pair<size_t, Lines>> present;
  Line mean = {};
  for (size_t c = 0; c < objects.size(); ++c) {
    if (objects[c] == 0) continue;
    auto& found = by_class[c];
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.confidence > b.confidence; });
    // A class of which nothing was found is wrong everywhere.
    present.emplace_back(c, found.empty() ? Lines{} : lines_of(found, objects[c]));
    for (size_t p = 0; p < points; ++p) mean[p] += present.back().second.f1[p];
  }
  OperatingPoint best;
  best.class_precision.assign(objects.size(), -1);
  best.class_recall.assign(objects.size(), -1);
  if (present.empty()) return best;
  const auto line = smoothed(mean);
  const auto at = static_cast<size_t>(std::max_element(line.begin(), line.end()) - line.begin());
  best.confidence = confidence_at(at);
  for (const auto& [c, lines] : present) {
    best.class_precision[c] = lines.precision[at];
    best.class_recall[c] = lines.recall[at];
    best.precision += lines.precision[at] / static_cast<double>(present.size());
    best.recall += lines.recall[at] / static_cast<double>(present.size());
  }
  return best;
}

}  // namespace lotse::runner::detect
