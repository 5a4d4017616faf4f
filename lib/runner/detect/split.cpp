#include "runner/detect/split.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/draft_folder.h"
#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/write_plain.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;
using base::cat;

namespace {

std::set<int64_t> classes_of(const Item& item) {
  std::set<int64_t> classes;
  for (const auto& box : item.boxes) classes.insert(box.class_id);
  return classes;
}

/// "./a.jpg" for what lies below the folder, as other tools want it too; else "../a.jpg".
std::string line_for(const fs::path& picture, const fs::path& folder) {
  const auto text = picture.lexically_relative(folder).string();
  return (text.starts_with("../") ? text : "./" + text) + "\n";
}

}  // namespace

std::vector<SplitPart> split(const std::vector<Item>& items, size_t classes,
                             const task::SplitRule& rule) {
  std::vector<task::Labelled> pictures;
  for (const auto& item : items) pictures.push_back({item.image, classes_of(item)});
  auto pictures_of = task::stratify(pictures, classes, rule);
  std::vector<SplitPart> parts;
  for (size_t p = 0; p < data_parts.size(); ++p) {
    if (pictures_of[p].empty()) continue;
    SplitPart part{data_parts[p], std::move(pictures_of[p]), std::vector<int64_t>(classes),
                   std::vector<int64_t>(classes)};
    for (const auto i : part.pictures) {
      for (const auto& box : items[i].boxes) ++part.objects[static_cast<size_t>(box.class_id)];
      for (const auto c : pictures[i].classes) ++part.with_object[static_cast<size_t>(c)];
    }
    parts.push_back(std::move(part));
  }
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
