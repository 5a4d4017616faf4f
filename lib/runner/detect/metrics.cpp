#include "runner/detect/metrics.h"

#include <algorithm>
#include <numeric>

namespace lotse::runner::detect {

namespace {

constexpr double neither = -1;  ///< right nor wrong

struct Row {
  double confidence = 0;
  std::array<double, thresholds> verdict = {};
};

/// How much of a detection lies in a crowd, 0 to 1: any number of them may lie in one.
double part_in(const TruthBox& crowd, const std::array<float, 4>& box) {
  const double width = std::min(crowd.box[2], box[2]) - std::max(crowd.box[0], box[0]);
  const double height = std::min(crowd.box[3], box[3]) - std::max(crowd.box[1], box[1]);
  const double area = (double{box[2]} - box[0]) * (double{box[3]} - box[1]);
  return width > 0 && height > 0 && area > 0 ? width * height / area : 0;
}

struct Curve {
  std::vector<double> recall, precision;
};

void take_envelope(std::vector<double>& precision) {
  for (size_t i = precision.size(); i-- > 1;)
    precision[i - 1] = std::max(precision[i - 1], precision[i]);
}

/// `right` is sorted by falling confidence.
Curve curve_of(const std::vector<bool>& right, int64_t objects) {
  Curve curve;
  double hits = 0;
  for (size_t i = 0; i < right.size(); ++i) {
    hits += right[i] ? 1 : 0;
    curve.recall.push_back(hits / static_cast<double>(objects));
    curve.precision.push_back(hits / static_cast<double>(i + 1));
  }
  return curve;
}

double coco_area(Curve curve) {
  take_envelope(curve.precision);
  double sum = 0;
  for (int i = 0; i <= 100; ++i) {
    const auto next = std::lower_bound(curve.recall.begin(), curve.recall.end(), i / 100.0) -
                      curve.recall.begin();
    if (next < static_cast<std::ptrdiff_t>(curve.recall.size()))
      sum += curve.precision[static_cast<size_t>(next)];
  }
  return sum / 101;
}

double field_area(const Curve& open) {
  auto [recall, precision] = open;
  recall.insert(recall.begin(), 0);
  precision.insert(precision.begin(), 1);
  // What is never found has no precision: beyond the last recall the curve is 0, and no slope.
  recall.insert(recall.end(), {recall.back(), 1});
  precision.insert(precision.end(), {0, 0});
  take_envelope(precision);
  // Linear between the points, as numpy.interp does: of equal recalls the last one counts.
  std::array<double, 101> curve = {};
  for (size_t p = 0; p < curve.size(); ++p) {
    const double x = static_cast<double>(p) / 100;
    const auto after = std::upper_bound(recall.begin(), recall.end(), x) - recall.begin();
    const auto right_point = static_cast<size_t>(after);
    if (right_point == recall.size()) {
      curve[p] = precision.back();
    } else {
      const size_t left = right_point - 1;
      const double part = (x - recall[left]) / (recall[right_point] - recall[left]);
      curve[p] = precision[left] + part * (precision[right_point] - precision[left]);
    }
  }
  double sum = 0;
  for (size_t p = 0; p + 1 < curve.size(); ++p) sum += (curve[p] + curve[p + 1]) / 2 / 100;
  return sum;
}

}  // namespace

torch::Tensor match(const std::vector<Detection>& detections, const std::vector<TruthBox>& truth,
                    Counting counting, const std::vector<TruthBox>& crowds) {
  auto rows =
      torch::zeros({static_cast<int64_t>(detections.size()), 2 + static_cast<int64_t>(thresholds)},
                   torch::kFloat64);
  auto table = rows.accessor<double, 2>();
  std::vector<size_t> order(detections.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return detections[a].confidence > detections[b].confidence;
  });
  for (size_t t = 0; t < thresholds; ++t) {
    const double threshold = 0.5 + 0.05 * static_cast<double>(t);
    std::vector<bool> taken(truth.size(), false);
    for (const size_t d : order) {
      double best = threshold;
      std::ptrdiff_t found = -1;
      for (size_t g = 0; g < truth.size(); ++g) {
        const bool open = counting == Counting::field || !taken[g];
        if (!open || truth[g].class_id != detections[d].class_id) continue;
        const double overlap = iou(truth[g].box, detections[d].box);
        if (overlap >= best) best = overlap, found = static_cast<std::ptrdiff_t>(g);
      }
      auto& verdict = table[static_cast<int64_t>(d)][static_cast<int64_t>(t) + 2];
      if (found >= 0) {
        if (!taken[static_cast<size_t>(found)]) verdict = 1;
        taken[static_cast<size_t>(found)] = true;
      } else if (std::any_of(crowds.begin(), crowds.end(), [&](const TruthBox& crowd) {
                   return crowd.class_id == detections[d].class_id &&
                          part_in(crowd, detections[d].box) >= threshold;
                 })) {
        verdict = neither;
      }
    }
  }
  for (size_t d = 0; d < detections.size(); ++d) {
    table[static_cast<int64_t>(d)][0] = detections[d].confidence;
    table[static_cast<int64_t>(d)][1] = static_cast<double>(detections[d].class_id);
  }
  return rows;
}

Precision average_precision(const torch::Tensor& rows, const std::vector<int64_t>& objects,
                            Counting counting) {
  std::vector<std::vector<Row>> by_class(objects.size());
  const auto contiguous = rows.contiguous();
  const auto table = contiguous.accessor<double, 2>();
  for (int64_t i = 0; i < table.size(0); ++i) {
    Row row{table[i][0], {}};
    for (size_t t = 0; t < thresholds; ++t) row.verdict[t] = table[i][static_cast<int64_t>(t) + 2];
    by_class[static_cast<size_t>(table[i][1])].push_back(row);
  }
  Precision result;
  result.detections = table.size(0);
  int64_t present = 0;
  for (size_t c = 0; c < objects.size(); ++c) {
    result.class_ap50.push_back(-1);
    result.class_ap50_95.push_back(-1);
    if (objects[c] == 0) continue;
    ++present;
    result.objects += objects[c];
    auto& own = by_class[c];
    std::stable_sort(own.begin(), own.end(),
                     [](const Row& a, const Row& b) { return a.confidence > b.confidence; });
    double sum = 0;
    for (size_t t = 0; t < thresholds; ++t) {
      std::vector<bool> right;
      for (const auto& row : own)
        if (row.verdict[t] != neither) right.push_back(row.verdict[t] == 1);
      auto curve = curve_of(right, objects[c]);
      const double ap = right.empty()                ? 0
                        : counting == Counting::coco ? coco_area(std::move(curve))
                                                     : field_area(curve);
      if (t == 0) result.class_ap50[c] = ap;
      if (t == 5) result.map75 += ap;
      sum += ap / thresholds;
    }
    result.class_ap50_95[c] = sum;
    result.map50 += result.class_ap50[c];
    result.map50_95 += sum;
  }
  if (present > 0) {
    result.map50 /= static_cast<double>(present);
    result.map75 /= static_cast<double>(present);
    result.map50_95 /= static_cast<double>(present);
  }
  return result;
}

}  // namespace lotse::runner::detect
