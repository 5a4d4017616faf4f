#include "runner/detect/dataset.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/coco_set.h"
#include "runner/detect/ndjson_set.h"
#include "runner/detect/yolo_set.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;

namespace {

bool ends(const fs::path& file, const std::vector<std::string>& endings) {
  const auto ending = base::lower(file.extension().string());
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

/// The files of a folder that end so, sorted.
std::vector<fs::path> files_in(const fs::path& folder, const std::vector<std::string>& endings) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && ends(entry.path(), endings) &&
        !entry.path().filename().string().starts_with('.'))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// COCO's own archives have several files a part: those with objects are called "instances".
bool of_objects(const fs::path& file) {
  const auto name = file.filename().string();
  return !name.starts_with("captions") && !name.starts_with("person_keypoints") &&
         !name.starts_with("image_info") && !name.starts_with("stuff") &&
         !name.starts_with("panoptic");
}

}  // namespace

std::optional<fs::path> data_file(const fs::path& folder) {
  for (const auto* name : {"data.yaml", "data.yml", "dataset.yaml"})
    if (fs::is_regular_file(folder / name)) return folder / name;
  if (const auto yaml = files_in(folder, {".yaml", ".yml"}); yaml.size() == 1) return yaml[0];
  if (const auto lines = files_in(folder, {".ndjson"}); lines.size() == 1) return lines[0];
  std::vector<fs::path> all;
  for (const auto* inner : {"annotations", "train", ""})
    for (auto& file : files_in(folder / inner, {".json"}))
      if (of_objects(file)) all.push_back(std::move(file));
  const auto training = std::find_if(all.begin(), all.end(), [&](const fs::path& file) {
    return file.lexically_relative(folder).string().find("train") != std::string::npos;
  });
  if (training != all.end()) return *training;
  if (all.size() == 1) return all[0];
  return {};
}

DataSet read_data_set(const fs::path& data, bool skip_bad, Parts parts) {
  const auto named = fs::absolute(data).lexically_normal();
  const auto found = fs::is_directory(named) ? data_file(named) : named;
  if (!found)
    throw base::Error({{base::printable(named.string()),
                        "holds no data set: neither data.yaml, nor one .ndjson file, nor COCO's "
                        "JSON in annotations/, train/ or itself",
                        "Name its file, or write data.yaml: train: images, val: ..., names: [cat, "
                        "dog]. A folder a class is what classifiers learn: --model yolo26n-cls."}});
  const auto& file = *found;
  if (ends(file, {".ndjson", ".jsonl"})) return read_ndjson_set(file, skip_bad, parts);
  if (ends(file, {".json"})) return read_coco_set(file, skip_bad, parts);
  return read_yolo_set(file, skip_bad, parts);
}

}  // namespace lotse::runner::detect
