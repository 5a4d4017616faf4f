#include "runner/classify/dataset.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "runner/media/codec.h"
#include "runner/media/picture_folder.h"

namespace lotse::runner::classify {

namespace fs = std::filesystem;

using base::cat;
using task::Finding;

namespace {

constexpr auto example = "It needs a folder a class in it: train/cat, train/dog, val/cat, val/dog.";
constexpr auto without_parts =
    "It needs train/cat, train/dog, val/cat, val/dog; of folders that have no parts, cat and dog, "
    "`lotse-runner dataset split` makes them.";

/// The names that the part for validation may have, the first that is there counts.
const std::vector<const char*> for_val = {"val", "valid", "validation", "test"};

bool hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

/// The folders of classes in a part, sorted by name, and how many files lie beside them.
struct ClassFolders {
  std::vector<fs::path> folders;
  int64_t files = 0;
};

ClassFolders class_folders(const fs::path& part) {
  ClassFolders found;
  for (const auto& entry : fs::directory_iterator(part)) {
    if (hidden(entry.path())) continue;
    if (entry.is_directory())
      found.folders.push_back(entry.path());
    else if (media::has_image_ending(entry.path()))
      ++found.files;
  }
  std::sort(found.folders.begin(), found.folders.end(), [](const fs::path& a, const fs::path& b) {
    return a.filename().string() < b.filename().string();
  });
  return found;
}

std::vector<fs::path> parts_or_itself(const fs::path& folder) {
  std::vector<fs::path> parts;
  if (fs::is_directory(folder / "train")) parts.push_back(folder / "train");
  for (const auto* name : for_val)
    if (fs::is_directory(folder / name)) parts.push_back(folder / name);
  return parts.empty() ? std::vector{folder} : parts;
}

void check_folder(const fs::path& folder) {
  if (!fs::exists(folder))
    throw base::Error({{folder.string(), "there is no such folder", example}});
  if (!fs::is_directory(folder))
    throw base::Error({{folder.string(), "is a file; a classifier's data is a folder", example}});
}

class Reader {
 public:
  Reader(const fs::path& folder, bool skip_bad) : folder_(folder), mistakes_(skip_bad) {}

  DataSet read(Parts parts) {
    const auto train = part({"train"});
    const auto val = part(for_val);
    const bool enough = parts == Parts::all && (train || val);
    if (!train && !enough && parts != Parts::val)
      mistakes_.add(folder_.string(), "has no folder 'train'", without_parts);
    if (!val && !enough)
      mistakes_.add(folder_.string(), "has no folder 'val', nor 'test'", without_parts);
    mistakes_.check();
    read_classes(train ? *train : *val);
    if (train) read_part("train", *train, set_.train);
    if (val) read_part(val->filename().string(), *val, set_.val);
    mistakes_.check();
    set_.left_out = mistakes_.left_out();
    return std::move(set_);
  }

  DataSet read_unsplit() {
    std::map<std::string, std::vector<fs::path>> folders;
    for (const auto& part : parts_or_itself(folder_)) {
      const auto found = class_folders(part);
      if (found.files > 0) note_loose(part.filename().string(), found.files);
      for (const auto& folder : found.folders) folders[folder.filename()].push_back(folder);
    }
    for (const auto& [name, same] : folders) {
      numbers_[name] = static_cast<int64_t>(set_.names.size());
      const auto before = set_.train.size();
      for (const auto& folder : same)
        read_class(folder.parent_path().filename().string(), folder, set_.train);
      if (set_.train.size() > before)
        set_.names.push_back(name);
      else
        mistakes_.bad(Finding::entry, same[0].string(), "a class without pictures");
    }
    if (set_.names.size() < 2)
      mistakes_.add_nothing_left(folder_.string(), "has no two classes to tell apart", example);
    mistakes_.check();
    set_.left_out = mistakes_.left_out();
    return std::move(set_);
  }

 private:
  /// The first of these folders that there is.
  std::optional<fs::path> part(const std::vector<const char*>& names) const {
    for (const auto* name : names)
      if (fs::is_directory(folder_ / name)) return folder_ / name;
    return {};
  }

  /// A class without pictures is none, for nothing could be learned of it.
  void read_classes(const fs::path& part) {
    const auto found = class_folders(part);
    for (const auto& folder : found.folders) {
      auto inside = media::look_into(folder);
      const auto name = folder.filename().string();
      if (inside.pictures.empty()) {
        mistakes_.bad(Finding::entry, folder.string(),
                      "a class without pictures" + left_out_in(inside),
                      cat("These are read: ", media::formats, "."));
      } else {
        numbers_[name] = static_cast<int64_t>(set_.names.size());
        set_.names.push_back(name);
      }
    }
    if (set_.names.empty())
      mistakes_.add_nothing_left(part.string(), "has no folder of a class with pictures in it",
                                 example);
    mistakes_.check();
    if (set_.names.size() == 1)
      set_.notes.push_back(cat("there is only the class '", base::printable(set_.names[0]),
                               "': there is nothing to tell it from"));
  }

  void read_part(const std::string& name, const fs::path& part, std::vector<Item>& items) {
    const auto found = class_folders(part);
    if (found.files > 0) note_loose(name, found.files);
    for (const auto& folder : found.folders) read_class(name, folder, items);
    if (items.empty())
      mistakes_.add_nothing_left(part.string(), "holds no pictures of the classes", example);
    const auto counts = set_.by_class(items);
    for (size_t c = 0; c < counts.size(); ++c)
      if (counts[c] == 0)
        set_.notes.push_back(
            cat("class '", base::printable(set_.names[c]), "' has no pictures in ", name));
  }

  void note_loose(const std::string& part, int64_t files) {
    set_.notes.push_back(
        cat(part, ": left out ", files, " pictures that are in no class's folder"));
  }

  void read_class(const std::string& part, const fs::path& folder, std::vector<Item>& items) {
    const auto inside = media::look_into(folder);
    const auto number = numbers_.find(folder.filename().string());
    if (number == numbers_.end()) {
      if (!inside.pictures.empty()) unknown_class(folder);
      return;
    }
    for (const auto& picture : inside.pictures)
      items.push_back({picture.lexically_normal(), number->second});
    for (const auto& link : inside.broken)
      mistakes_.bad(Finding::entry, link.string(), "is a link to nothing");
    if (!inside.others.empty())
      set_.notes.push_back(
          cat(part, "/", base::printable(number->first), ": ", left_out_in(inside).substr(2)));
  }

  void unknown_class(const fs::path& folder) {
    const auto name = folder.filename().string();
    const auto closest = base::closest(name, set_.names);
    mistakes_.bad(Finding::entry, folder.string(), cat("train has no class '", name, "'"),
                  closest.empty() ? "" : cat("Did you mean '", closest, "'?"));
  }

  /// "; left out what is no picture (...) by its name: 3 .heic", or "".
  static std::string left_out_in(const media::PictureFolder& inside) {
    if (inside.others.empty()) return "";
    return cat("; left out what is no picture (", media::formats,
               ") by its name: ", inside.others_in_words());
  }

  fs::path folder_;
  task::Mistakes mistakes_;
  std::map<std::string, int64_t> numbers_;
  DataSet set_;
};

}  // namespace

std::vector<int64_t> DataSet::by_class(const std::vector<Item>& part) const {
  std::vector<int64_t> counts(names.size());
  for (const auto& item : part) ++counts[static_cast<size_t>(item.class_id)];
  return counts;
}

DataSet read_data_set(const fs::path& folder, bool skip_bad, Parts parts) {
  check_folder(folder);
  return Reader(folder, skip_bad).read(parts);
}

bool has_class_folders(const fs::path& folder) {
  if (!fs::is_directory(folder)) return false;
  const std::set<std::string> others = {"images", "labels", "annotations"};
  for (const auto& part : parts_or_itself(folder))
    for (const auto& inner : class_folders(part).folders)
      if (!others.contains(inner.filename().string())) return true;
  return false;
}

DataSet read_unsplit(const fs::path& folder, bool skip_bad) {
  check_folder(folder);
  return Reader(folder, skip_bad).read_unsplit();
}

}  // namespace lotse::runner::classify
