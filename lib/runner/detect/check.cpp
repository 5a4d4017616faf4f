#include "runner/detect/check.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/strings.h"
#include "runner/detect/dataset.h"
#include "runner/detect/yolo_set.h"
#include "runner/media/codec.h"
#include "runner/task/loading.h"

namespace lotse::runner::detect {

namespace {

using base::cat;

/// Whether each picture can be decoded; those that cannot become findings.
class Decoding {
 public:
  Decoding(int64_t total, int64_t threads, const std::function<void(int64_t, int64_t)>& progress)
      : total_(total), threads_(threads), progress_(progress) {}

  std::vector<bool> all(const std::vector<Item>& items, task::LeftOut& left_out) {
    std::vector<char> turned(items.size());
    auto bad = task::bad_ones(
        static_cast<int64_t>(items.size()), threads_,
        [&](int64_t i) {
          const auto& item = items[static_cast<size_t>(i)];
          turned[static_cast<size_t>(i)] = is_otherwise(media::read_image(item.image), item.aspect);
        },
        [&](int64_t, int64_t) {
          if (progress_) progress_(++done_, total_);
        });
    for (size_t i = 0; i < items.size(); ++i)
      if (turned[i] != 0 && ++turned_ == 1) first_turned_ = items[i].image.string();
    return task::good_of(items, std::move(bad), left_out);
  }

  /// Boxes of a picture that is turned by its EXIF lie elsewhere.
  std::string note() const {
    if (turned_ == 0) return "";
    return cat(turned_,
               " pictures have another shape than their labels say, turned perhaps: look "
               "at their boxes; the first: ",
               base::printable(first_turned_));
  }

 private:
  static bool is_otherwise(const media::Image& picture, double aspect) {
    const double here = static_cast<double>(picture.width) / picture.height;
    return aspect > 0 && std::abs(here / aspect - 1) > 0.02;
  }

  int64_t total_, threads_;
  const std::function<void(int64_t, int64_t)>& progress_;
  int64_t done_ = 0, turned_ = 0;
  std::string first_turned_;
};

task::PartCount count(const std::string& part, const std::vector<Item>& items,
                      const std::vector<bool>& good, size_t classes) {
  task::PartCount result{part, 0, 0, 0, std::vector<int64_t>(classes)};
  for (size_t i = 0; i < items.size(); ++i) {
    if (!good[i]) continue;
    ++result.pictures;
    result.without_label_file += items[i].labelled ? 0 : 1;
    result.objects += static_cast<int64_t>(items[i].boxes.size());
    for (const auto& box : items[i].boxes) ++result.by_class[static_cast<size_t>(box.class_id)];
  }
  return result;
}

/// How many pictures of `part` are in `other` too.
int64_t in_both(const std::vector<Item>& part, const std::vector<Item>& other) {
  std::set<std::filesystem::path> there;
  for (const auto& item : other) there.insert(item.image);
  return std::count_if(part.begin(), part.end(),
                       [&](const Item& item) { return there.count(item.image) > 0; });
}

/// What is no mistake, but may not be meant.
void note_what_is_odd(const DataSet& set, task::Checked& checked) {
  for (auto name = set.names.begin(); name != set.names.end(); ++name)
    if (const auto first = std::find(set.names.begin(), name, *name); first != name)
      checked.notes.push_back(cat("classes ", first - set.names.begin(), " and ",
                                  name - set.names.begin(), " are both called ",
                                  base::printable(*name), ", and stay two"));
  for (size_t c = 0; c < set.names.size(); ++c)
    for (const auto& part : checked.parts)
      if (part.by_class[c] == 0)
        checked.notes.push_back(cat("class ", c, " (", base::printable(set.names[c]),
                                    ") has no objects in ", part.part));
  if (const auto lost = labels_without_picture(set); !lost.empty())
    checked.notes.push_back(cat(lost.size(), " label files have no picture; the first: ",
                                base::printable(lost[0].string())));
  // What is trained on tells nothing when it is validated on.
  for (const auto* other : {"val", "test"})
    if (const auto both = in_both(set.part(other), set.train); both > 0)
      checked.notes.push_back(cat(both, " pictures are in train and in ", other));
}

}  // namespace

task::Checked check(const std::filesystem::path& data, int64_t threads,
                    const std::function<void(int64_t, int64_t)>& progress) {
  const auto set = read_data_set(data, true, Parts::all);
  task::Checked result{set.names, {}, set.left_out, set.notes};
  const auto total = set.train.size() + set.val.size() + set.test.size();
  Decoding decoding(static_cast<int64_t>(total), threads, progress);
  for (const auto& part : data_parts) {
    const auto& items = set.part(part);
    if (items.empty()) continue;
    const auto good = decoding.all(items, result.left_out);
    result.parts.push_back(count(part, items, good, set.names.size()));
  }
  if (auto note = decoding.note(); !note.empty()) result.notes.push_back(std::move(note));
  note_what_is_odd(set, result);
  return result;
}

}  // namespace lotse::runner::detect
