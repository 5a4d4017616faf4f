#include "runner/detect/split.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/draft_folder.h"
#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/write_plain.h"
#include "runner/task/random.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;
using base::cat;

namespace {

/// Pictures that stay together.
struct Group {
  std::vector<size_t> pictures;
  std::map<int64_t, int64_t> with_object;  ///< pictures with one, by class
};

std::string key_of(const Item& item, const std::string& group_by) {
  if (group_by == "none") return item.image.string();
  if (group_by == "folder") return item.image.parent_path().string();
  const auto stem = item.image.stem().string();
  return (item.image.parent_path() / stem.substr(0, stem.find_last_of("_-."))).string();
}

std::set<int64_t> classes_of(const Item& item) {
  std::set<int64_t> classes;
  for (const auto& box : item.boxes) classes.insert(box.class_id);
  return classes;
}

/// In the order of their keys, then shuffled: not in the order in which pictures were found.
std::vector<Group> groups_of(const std::vector<Item>& items, const SplitRule& rule) {
  std::map<std::string, Group> by_key;
  for (size_t i = 0; i < items.size(); ++i) {
    auto& group = by_key[key_of(items[i], rule.group_by)];
    group.pictures.push_back(i);
    for (const auto c : classes_of(items[i])) ++group.with_object[c];
  }
  std::vector<Group> sorted, shuffled;
  for (auto& [key, group] : by_key) sorted.push_back(std::move(group));
  task::Random random({task::order_stream, rule.seed});
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

void check_not_empty(const SplitPart& part, double share, size_t groups) {
  if (share == 0 || !part.pictures.empty()) return;
  throw base::Error(
      {{"dataset split",
        cat("'", part.part, "' would have no picture: there are ", groups, " that can be parted"),
        "Take a larger share of it, or --group-by none."}});
}

/// "./a.jpg" for what lies below the folder, as other tools want it too; else "../a.jpg".
std::string line_for(const fs::path& picture, const fs::path& folder) {
  const auto text = picture.lexically_relative(folder).string();
  return (text.starts_with("../") ? text : "./" + text) + "\n";
}

}  // namespace

std::vector<SplitPart> split(const std::vector<Item>& items, size_t classes,
                             const SplitRule& rule) {
  const std::vector<double> shares = {1 - rule.val - rule.test, rule.val, rule.test};
  Stratifier stratifier(groups_of(items, rule), classes, shares);
  const auto part_of = stratifier.run();
  std::vector<SplitPart> parts;
  for (const auto& name : data_parts)
    parts.push_back({name, {}, std::vector<int64_t>(classes), std::vector<int64_t>(classes)});
  for (size_t g = 0; g < part_of.size(); ++g) {
    auto& part = parts[part_of[g]];
    for (const auto i : stratifier.groups()[g].pictures) {
      part.pictures.push_back(i);
      for (const auto& box : items[i].boxes) ++part.objects[static_cast<size_t>(box.class_id)];
      for (const auto c : classes_of(items[i])) ++part.with_object[static_cast<size_t>(c)];
    }
  }
  for (size_t p = 0; p < parts.size(); ++p) {
    std::sort(parts[p].pictures.begin(), parts[p].pictures.end());
    check_not_empty(parts[p], shares[p], part_of.size());
  }
  std::erase_if(parts, [](const SplitPart& part) { return part.pictures.empty(); });
  return parts;
}

std::vector<Item> all_pictures(const DataSet& set) {
  std::set<fs::path> seen;
  std::vector<Item> all;
  for (const auto& part : data_parts)
    for (const auto& item : set.part(part))
      if (seen.insert(item.image).second) all.push_back(item);
  return all;
}

void write_split(const std::vector<Item>& items, const DataSet& set,
                 const std::vector<SplitPart>& parts, const fs::path& folder, bool overwrite) {
  const auto at = fs::absolute(folder / "").lexically_normal().parent_path();
  std::map<std::string, std::string> files;
  auto& yaml = files["data.yaml"];
  for (const auto& part : parts) {
    yaml += cat(part.part, ": ", part.part, ".txt\n");
    for (const auto i : part.pictures) files[part.part + ".txt"] += line_for(items[i].image, at);
  }
  yaml += cat("names: ", nlohmann::json(set.names).dump(), "\n");
  if (!set.kpt_shape.empty())
    yaml += cat("kpt_shape: ", nlohmann::json(set.kpt_shape).dump(), "\n");
  base::Diagnostics there;
  for (const auto& [name, text] : files)
    if (!overwrite && fs::exists(at / name))
      there.push_back({base::printable((folder / name).string()), "is there already",
                       "Name another folder, or --overwrite."});
  base::throw_if_any(std::move(there));
  fs::create_directories(at);
  const base::DraftFolder draft(at / "split", "another `lotse-runner dataset split`");
  for (const auto& [name, text] : files) write_plain(draft.path() / name, text);
  for (const auto& [name, text] : files) fs::rename(draft.path() / name, at / name);
}

}  // namespace lotse::runner::detect
