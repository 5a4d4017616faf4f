#include "runner/task/stratify.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "runner/task/checked.h"
#include "runner/task/random.h"

namespace lotse::runner::task {

namespace fs = std::filesystem;
using base::cat;

namespace {

/// Pictures that stay together.
struct Group {
  std::vector<size_t> pictures;
  std::map<int64_t, int64_t> with_object;  ///< pictures with one, by class
};

std::string key_of(const fs::path& picture, const std::string& group_by) {
  if (group_by == "none") return picture.string();
  if (group_by == "folder") return picture.parent_path().string();
  const auto stem = picture.stem().string();
  return (picture.parent_path() / stem.substr(0, stem.find_last_of("_-."))).string();
}

/// In the order of their keys, then shuffled: not in the order in which pictures were found.
std::vector<Group> groups_of(const std::vector<Labelled>& pictures, const SplitRule& rule) {
  std::map<std::string, Group> by_key;
  for (size_t i = 0; i < pictures.size(); ++i) {
    auto& group = by_key[key_of(pictures[i].file, rule.group_by)];
    group.pictures.push_back(i);
    for (const auto c : pictures[i].classes) ++group.with_object[c];
  }
  std::vector<Group> sorted, shuffled;
  for (auto& [key, group] : by_key) sorted.push_back(std::move(group));
  Random random({order_stream, rule.seed});
  for (const auto at : random.permutation(static_cast<int64_t>(sorted.size())))
    shuffled.push_back(std::move(sorted[static_cast<size_t>(at)]));
  return shuffled;
}

/// How much of everything a part still wants.
struct Wish {
  double share = 0, pictures = 0;
  std::vector<double> with_object;
};

class Stratifier {
 public:
  Stratifier(std::vector<Group> groups, size_t classes, const std::vector<double>& shares)
      : groups_(std::move(groups)), part_of_(groups_.size(), unset), having_(classes) {
    std::vector<double> total(classes);
    double pictures = 0;
    for (size_t g = 0; g < groups_.size(); ++g) {
      pictures += static_cast<double>(groups_[g].pictures.size());
      for (const auto& [c, count] : groups_[g].with_object) {
        having_[static_cast<size_t>(c)].push_back(g);
        total[static_cast<size_t>(c)] += static_cast<double>(count);
      }
    }
    for (const double share : shares) {
      wishes_.push_back({share, share * pictures, total});
      for (auto& value : wishes_.back().with_object) value *= share;
    }
  }

  /// The part of each group.
  std::vector<size_t> run() {
    std::vector<size_t> left(having_.size());
    for (size_t c = 0; c < having_.size(); ++c) left[c] = having_[c].size();
    for (;;) {
      size_t rarest = having_.size();
      for (size_t c = 0; c < left.size(); ++c)
        if (left[c] > 0 && (rarest == left.size() || left[c] < left[rarest])) rarest = c;
      if (rarest == having_.size()) break;
      for (const auto g : largest_first(having_[rarest]))
        if (part_of_[g] == unset) assign(g, best_for(rarest), left);
    }
    for (const auto g : largest_first(all()))
      if (part_of_[g] == unset) assign(g, best_for(having_.size()), left);
    return part_of_;
  }

  const std::vector<Group>& groups() const { return groups_; }

 private:
  static constexpr size_t unset = SIZE_MAX;

  std::vector<size_t> all() const {
    std::vector<size_t> numbers(groups_.size());
    for (size_t g = 0; g < numbers.size(); ++g) numbers[g] = g;
    return numbers;
  }

  /// A large group finds no place any more when all wishes are small.
  std::vector<size_t> largest_first(std::vector<size_t> of) const {
    std::stable_sort(of.begin(), of.end(), [&](size_t a, size_t b) {
      return groups_[a].pictures.size() > groups_[b].pictures.size();
    });
    return of;
  }

  /// The part that wants the class most, or where there is none the most pictures.
  size_t best_for(size_t c) const {
    const auto wants = [&](const Wish& wish) {
      return std::pair(c < wish.with_object.size() ? wish.with_object[c] : 0, wish.pictures);
    };
    size_t best = 0;
    for (size_t p = 1; p < wishes_.size(); ++p)
      if (wishes_[p].share > 0 && wants(wishes_[p]) > wants(wishes_[best])) best = p;
    return best;
  }

  void assign(size_t g, size_t part, std::vector<size_t>& left) {
    part_of_[g] = part;
    auto& wish = wishes_[part];
    wish.pictures -= static_cast<double>(groups_[g].pictures.size());
    for (const auto& [c, count] : groups_[g].with_object) {
      wish.with_object[static_cast<size_t>(c)] -= static_cast<double>(count);
      --left[static_cast<size_t>(c)];
    }
  }

  std::vector<Group> groups_;
  std::vector<size_t> part_of_;
  std::vector<std::vector<size_t>> having_;  ///< groups, by class
  std::vector<Wish> wishes_;                 ///< by part
};

void check_not_empty(const std::string& part, const std::vector<size_t>& pictures, double share,
                     size_t groups) {
  if (share == 0 || !pictures.empty()) return;
  throw base::Error(
      {{"dataset split",
        cat("'", part, "' would have no picture: there are ", groups, " that can be parted"),
        "Take a larger share of it, or --group-by none."}});
}

}  // namespace

std::array<std::vector<size_t>, 3> stratify(const std::vector<Labelled>& pictures, size_t classes,
                                            const SplitRule& rule) {
  const std::array<double, 3> shares = {1 - rule.val - rule.test, rule.val, rule.test};
  Stratifier stratifier(groups_of(pictures, rule), classes, {shares.begin(), shares.end()});
  const auto part_of = stratifier.run();
  std::array<std::vector<size_t>, 3> parts;
  for (size_t g = 0; g < part_of.size(); ++g)
    for (const auto i : stratifier.groups()[g].pictures) parts[part_of[g]].push_back(i);
  for (size_t p = 0; p < parts.size(); ++p) {
    std::sort(parts[p].begin(), parts[p].end());
    check_not_empty(data_parts[p], parts[p], shares[p], part_of.size());
  }
  return parts;
}

}  // namespace lotse::runner::task
