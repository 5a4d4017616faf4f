#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/task/learner.h"
#include "runner/task/problems.h"

/// How families that look at pictures load them and tell of it.
namespace lotse::runner::task {

/// Has `make` make each of `count` examples, on threads; for each that its file made impossible,
/// why. `progress` is called by one of them at a time.
std::vector<std::optional<Finding>> bad_ones(
    int64_t count, int64_t threads, const std::function<void(int64_t)>& make,
    const std::function<void(int64_t done, int64_t total)>& progress);

/// Which of the items are not bad; what is goes to `left_out`, with its file as its place.
template <class Item>
std::vector<bool> good_of(const std::vector<Item>& items, std::vector<std::optional<Finding>> bad,
                          LeftOut& left_out) {
  std::vector<bool> good(items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    good[i] = !bad[i];
    if (good[i]) continue;
    if (bad[i]->where.empty()) bad[i]->where = items[i].image.string();
    left_out.all.push_back(std::move(*bad[i]));
  }
  return good;
}

/// Which of the pictures that were decoded are good, and what became of the others, each having
/// its problem. Throws Error(invalid) with every one; with `skip_bad` they are left out, and that
/// none is good is an Error.
std::pair<std::vector<size_t>, LeftOut> good_ones(
    const std::vector<std::optional<Finding>>& problems, bool skip_bad);

void warn(const Place& place, const std::vector<std::string>& notes, const LeftOut& left_out);

/// Loads pictures to learn from and pictures to validate on, shown as one progress.
template <class Training, class Validation>
LeftOut load_both(Training& training, Validation& validation, bool skip_bad, const Place& place) {
  Progress progress(place.emit, "load", "pictures");
  const int64_t listed = training.count(), total = listed + validation.count();
  const auto shown = [&](int64_t before) {
    return [&, before](int64_t done, int64_t) {
      if (place.leads) progress.at(before + done, total);
    };
  };
  auto left_out = training.load(shown(0), skip_bad, place.threads);
  left_out += validation.load(shown(listed), skip_bad, place.threads);
  return left_out;
}

/// Loads pictures to judge by, and tells what was left out of their data set and of them.
template <class Pictures, class DataSet>
void load_to_judge(Pictures& pictures, const DataSet& set, bool skip_bad, const Place& place) {
  Progress progress(place.emit, "load", "pictures");
  auto left_out = set.left_out;
  left_out += pictures.load([&](int64_t done, int64_t total) { progress.at(done, total); },
                            skip_bad, place.threads);
  warn(place, set.notes, left_out);
}

/// Tells how many of a model's tensors were taken from a file of weights.
contract::Event loaded(const std::string& file, int64_t transferred, int64_t tensors);

/// What a learner of pictures trains: the same members of Learner for every family.
struct Training {
  std::string architecture;
  std::vector<std::string> names;  ///< of the classes
  int64_t imgsz = 0, pictures = 0, validation_pictures = 0;

  nlohmann::json identity() const;     ///< Learner::identity
  std::string describe() const;        ///< Learner::describe
  nlohmann::json description() const;  ///< Learner::description
};

}  // namespace lotse::runner::task
