#include "runner/detect/convert.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/draft_folder.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/detect/label_rows.h"
#include "runner/detect/write_plain.h"
#include "runner/task/data_folder.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;
using base::cat;

namespace {

/// The folder below which all of the pictures lie.
fs::path common_folder(const std::vector<Item>& items) {
  auto common = items.front().image.parent_path();
  for (const auto& item : items) {
    const auto folder = item.image.parent_path();
    const auto differ =
        std::mismatch(common.begin(), common.end(), folder.begin(), folder.end()).first;
    if (differ == common.end()) continue;
    fs::path shorter;
    for (auto part = common.begin(); part != differ; ++part) shorter /= *part;
    common = shorter;
  }
  return common;
}

class PartWriter {
 public:
  PartWriter(const fs::path& folder, const std::string& part, const std::vector<Item>& items)
      : images_(folder / "images" / part),
        labels_(folder / "labels" / part),
        common_(common_folder(items)) {}

  void write(const Item& item) {
    const auto name = free_name(item.image.lexically_relative(common_));
    auto label = labels_ / name;
    label.replace_extension(".txt");
    fs::create_directories((images_ / name).parent_path());
    fs::create_directories(label.parent_path());
    task::link_or_copy(item.image, images_ / name);
    if (!item.labelled) return;
    std::string text;
    for (size_t i = 0; i < item.boxes.size(); ++i)
      text += label_line(item.boxes[i], outline_of(item, i));
    write_plain(label, text);
  }

 private:
  /// Two pictures that differ in their endings alone would share a label file.
  fs::path free_name(const fs::path& name) {
    auto free = name;
    for (int i = 2; !taken_.insert(fs::path(free).replace_extension()).second; ++i)
      free = name.parent_path() / cat(name.stem().string(), "-", i, name.extension().string());
    return free;
  }

  fs::path images_, labels_, common_;
  std::set<fs::path> taken_;
};

}  // namespace

Converted convert(const DataSet& set, const fs::path& folder,
                  const std::function<void(int64_t, int64_t)>& progress) {
  const auto wanted = task::free_place(folder);
  const base::DraftFolder made(wanted, "another `lotse-runner dataset convert`");
  Converted converted;
  const auto total = static_cast<int64_t>(set.train.size() + set.val.size() + set.test.size());
  std::string yaml;
  for (const auto& part : data_parts) {
    const auto& items = set.part(part);
    if (items.empty()) continue;
    PartWriter writer(made.path(), part, items);
    for (const auto& item : items) {
      base::throw_if_interrupted();
      writer.write(item);
      converted.objects += static_cast<int64_t>(item.boxes.size());
      if (progress) progress(++converted.pictures, total);
    }
    yaml += cat(part, ": images/", part, "\n");
  }
  converted.pictures = total;
  yaml += cat("names: ", nlohmann::json(set.names).dump(), "\n");
  write_plain(made.path() / "data.yaml", yaml);
  made.become(wanted);
  return converted;
}

}  // namespace lotse::runner::detect
