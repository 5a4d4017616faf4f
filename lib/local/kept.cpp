#include "local/kept.h"

#include <algorithm>

#include "local/metadata.h"
#include "local/state.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

fs::path file_of(const WorkloadFiles& files, const std::string& name) {
  return files.kept() / (name + ".json");
}

}  // namespace

std::vector<json> kept_objects(const WorkloadFiles& files) {
  std::vector<fs::path> paths;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(files.kept(), none))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<json> objects;
  for (const auto& path : paths)
    if (auto object = read_json(path); object && is_object(*object))
      objects.push_back(std::move(*object));
  return objects;
}

void keep_objects(const WorkloadFiles& files, const std::vector<json>& objects) {
  if (!objects.empty()) fs::create_directories(files.kept());
  for (auto object : objects) {
    const auto file = file_of(files, object::name_of(object));
    if (fs::exists(file)) continue;
    complete_metadata(object, nullptr, 0);
    write_json(file, object);
  }
}

void forget_objects(const WorkloadFiles& files, const std::vector<std::string>& names) {
  for (const auto& name : names) fs::remove(file_of(files, name));
}

}  // namespace lotse::local
