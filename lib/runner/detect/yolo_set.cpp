#include "runner/detect/yolo_set.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/files.h"
#include "base/number.h"
#include "base/strings.h"
#include "document/document.h"
#include "runner/detect/coco_set.h"
#include "runner/detect/label_rows.h"
#include "runner/detect/picture_names.h"
#include "runner/detect/repeats.h"
#include "runner/media/codec.h"
#include "runner/media/picture_folder.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;

using nlohmann::json;
using task::Finding;

namespace {

/// The class number that a key of `names` is, below `count`.
std::optional<size_t> class_number(const std::string& key, size_t count) {
  const auto number = base::to_integer(key).value_or(-1);
  const bool known = number >= 0 && number < static_cast<int64_t>(count);
  return known ? std::optional(static_cast<size_t>(number)) : std::nullopt;
}

class YoloReader {
 public:
  YoloReader(const fs::path& file, bool skip_bad, Parts parts)
      : yaml_(document::read_document(file)),
        folder_(file.parent_path()),
        parts_(parts),
        mistakes_(skip_bad) {}

  DataSet read() {
    if (!yaml_.value.is_object()) throw base::Error({{yaml_.file, "is not a mapping", example}});
    read_names();
    if (const auto it = yaml_.value.find("path"); it != yaml_.value.end() && !it->is_null()) {
      if (it->is_string()) {
        folder_ /= it->get<std::string>();
      } else {
        mistakes_.add(yaml_.where("/path"), "path: is not a text");
      }
    }
    read_keypoints();
    mistakes_.check();
    for (const auto& part : data_parts)
      if (wanted(part)) set_.part(part) = read_part(part);
    if (parts_ == Parts::all && set_.train.empty() && set_.val.empty() && set_.test.empty() &&
        mistakes_.none())
      mistakes_.add(yaml_.file, "has neither 'train' nor 'val' nor 'test'", example);
    mistakes_.check();
    set_.left_out = mistakes_.left_out();
    if (auto note = repeats_.note(); !note.empty()) set_.notes.push_back(std::move(note));
    return std::move(set_);
  }

 private:
  static constexpr auto example =
      "It needs: train: images/train, val: images/val, names: [circle, square]";

  void read_names() {
    auto& names = set_.names;
    const auto found = yaml_.value.find("names");
    if (found == yaml_.value.end()) return;
    const auto wrong = [&](const std::string& message) {
      mistakes_.add(yaml_.where("/names"), "names: " + message, example);
    };
    if ((!found->is_array() && !found->is_object()) || found->empty())
      return wrong("is neither a list nor a map of class names");
    names.resize(found->size());
    for (const auto& [key, value] : found->items()) {
      const auto number = class_number(key, names.size());
      const auto pointer = document::append("/names", key);
      if (!number) {
        mistakes_.add(yaml_.where(pointer),
                      base::cat("names: class numbers must be 0 to ", names.size() - 1));
        continue;
      }
      auto& name = names[*number];
      name = value.is_string() ? value.get<std::string>() : value.dump();
      if (name.empty()) mistakes_.add(yaml_.where(pointer), "names: a name is empty");
    }
    if (const auto nc = yaml_.value.find("nc"); nc != yaml_.value.end() && *nc != names.size())
      mistakes_.add(yaml_.where("/nc"),
                    base::cat("nc: is ", nc->dump(), ", but there are ", names.size(), " names"));
  }

  void read_keypoints() {
    const auto found = yaml_.value.find("kpt_shape");
    if (found == yaml_.value.end()) return;
    const auto whole = [&](size_t i) {
      return (*found)[i].is_number_integer() ? (*found)[i].get<int64_t>() : 0;
    };
    if (!found->is_array() || found->size() != 2 || whole(0) < 1 || whole(0) > 10'000 ||
        (whole(1) != 2 && whole(1) != 3))
      return mistakes_.add(yaml_.where("/kpt_shape"),
                           "kpt_shape: is not [number of points, 2 or 3]");
    keypoints_ = {whole(0), whole(1)};
    set_.kpt_shape = {whole(0), whole(1)};
    set_.notes.emplace_back("kpt_shape: boxes are read, keypoints are not");
  }

  /// The key of a part: Roboflow calls `val` "valid".
  std::string key_of(const std::string& part) const {
    return part == "val" && !yaml_.value.contains("val") && yaml_.value.contains("valid") ? "valid"
                                                                                          : part;
  }

  bool wanted(const std::string& part) const {
    const auto found = yaml_.value.find(key_of(part));
    const bool there = found != yaml_.value.end() && !found->is_null();
    return parts_ == Parts::all ? there
                                : part == "val" || (part == "train" && parts_ != Parts::val);
  }

  std::vector<Item> read_part(const std::string& part) {
    const auto key = key_of(part);
    const auto found = yaml_.value.find(key);
    if (found == yaml_.value.end()) {
      mistakes_.add(yaml_.file, "has no '" + key + "'", example);
      return {};
    }
    std::vector<Item> items, labelled;
    const json list = found->is_array() ? *found : json::array({*found});
    for (const auto& entry : list) {
      if (entry.is_string()) {
        add_source(key, entry.get<std::string>(), items, labelled);
      } else if (entry.is_object() && entry.contains("annotations")) {
        add_coco(key, entry, labelled);
      } else {
        mistakes_.add(yaml_.where("/" + key), key + ": is not a path");
      }
    }
    if (items.empty() && labelled.empty())
      mistakes_.add_nothing_left(yaml_.where("/" + key), key + ": holds no pictures",
                                 base::cat("These are read: ", media::formats, "."));
    if (!items.empty()) find_labels(key, items);
    items.insert(items.end(), std::make_move_iterator(labelled.begin()),
                 std::make_move_iterator(labelled.end()));
    return items;
  }

  /// Where an entry of a part lies. Roboflow writes "../train/images" for a folder beside
  /// data.yaml, Windows "images\train".
  fs::path locate(const std::string& key, const std::string& entry) {
    auto written = folder_ / entry;
    auto meant = base::replace_all(entry, "\\", "/");
    if (!fs::exists(folder_ / meant) && meant.starts_with("../")) meant.erase(0, 3);
    if (fs::exists(written) || !fs::exists(folder_ / meant)) return written;
    set_.notes.push_back(
        base::printable(base::cat(key, ": ", entry, " is not there; ", meant, " is taken")));
    return folder_ / meant;
  }

  void add_source(const std::string& key, const std::string& entry, std::vector<Item>& items,
                  std::vector<Item>& labelled) {
    const auto source = locate(key, entry);
    const auto ending = base::lower(source.extension().string());
    if (fs::is_directory(source)) {
      auto found = media::look_into(source);
      for (auto& path : found.pictures) items.push_back({path.lexically_normal(), {}});
      if (!found.others.empty())
        set_.notes.push_back(base::cat(key, ": left out what is no picture (", media::formats,
                                       ") by its name: ", found.others_in_words()));
    } else if (fs::is_regular_file(source) && ending == ".txt") {
      add_list(source, items);
    } else if (fs::is_regular_file(source) && ending == ".json") {
      take_coco({source, {}}, labelled);
    } else {
      mistakes_.add(yaml_.where("/" + key), source.string() + ": there is no such folder or list",
                    "Paths begin at data.yaml's folder, or at 'path' in it.");
    }
  }

  void add_list(const fs::path& list, std::vector<Item>& items) {
    const auto text = base::read_file(list);
    if (const auto problem = encoding_problem(text); !problem.empty())
      return mistakes_.add(list.string(), problem, encoding_hint);
    size_t number = 0;
    PictureNames names;
    for (const auto& line : text_lines(text)) {
      ++number;
      if (line.empty()) continue;
      auto folder = list.parent_path();
      auto found = names.take(folder, line);
      if (!found) found = names.take(folder = folder_, line);
      if (found)
        items.push_back({(folder / *found).lexically_normal(), {}});
      else
        mistakes_.bad(
            Finding::entry, base::cat(list.string(), ":", number),
            "there is no picture " + (list.parent_path() / line).lexically_normal().string());
    }
    if (auto note = names.note(); !note.empty())
      set_.notes.push_back(base::printable(base::cat(list.string(), ": ", note)));
  }

  void add_coco(const std::string& key, const json& entry, std::vector<Item>& labelled) {
    const auto text = [&](const char* member) {
      const auto found = entry.find(member);
      return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (text("annotations").empty() || entry.size() > 2 ||
        (entry.size() == 2 && text("images").empty()))
      return mistakes_.add(yaml_.where("/" + key),
                           key + ": is not {annotations: FILE, images: FOLDER}");
    const auto images = text("images");
    take_coco({folder_ / text("annotations"), images.empty() ? fs::path() : folder_ / images},
              labelled);
  }

  void take_coco(const CocoFile& file, std::vector<Item>& labelled) {
    set_.label_files = false;
    auto items = read_coco(file, set_.names, set_.notes, mistakes_);
    labelled.insert(labelled.end(), std::make_move_iterator(items.begin()),
                    std::make_move_iterator(items.end()));
  }

  void find_labels(const std::string& key, std::vector<Item>& items) {
    if (set_.names.empty()) return mistakes_.add(yaml_.file, "has no 'names'", example);
    const auto read_all = [&](auto&& file_of) {
      bool found = false;
      for (auto& item : items) found = read_labels(item, file_of(item.image)) || found;
      return found;
    };
    const auto beside = [](fs::path picture) { return picture.replace_extension(".txt"); };
    if (!read_all(label_file) && read_all(beside))
      set_.notes.push_back(base::printable(base::cat(
          key, ": there are no label files in ", label_file(items[0].image).parent_path().string(),
          "; those beside the pictures are taken")));
    std::erase_if(items, [](const Item& item) { return item.image.empty(); });
  }

  /// Whether there is a label file, its ending in small letters or in capitals.
  bool read_labels(Item& item, fs::path file) {
    const auto bad = [&](const char* problem, const char* hint) {
      mistakes_.bad(Finding::picture, file.string(), problem, hint);
      item.image.clear();
      return true;
    };
    std::optional<std::string> text;
    try {
      text = base::read_file_if_there(file);
      if (!text) text = base::read_file_if_there(file.replace_extension(".TXT"));
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::invalid) throw;
      return bad(fs::is_directory(file) ? "is a folder, not a label file" : "cannot be read", "");
    }
    if (!text) return false;
    item.labelled = true;
    if (const auto problem = encoding_problem(*text); !problem.empty())
      return bad(problem.c_str(), encoding_hint);
    std::set<std::string> seen;
    size_t number = 0;
    for (const auto& line : text_lines(*text)) {
      ++number;
      if (line.empty()) continue;
      if (!seen.insert(line).second) {
        repeats_.add(base::cat(file.string(), ":", number));
        continue;
      }
      const auto row = label_row(line);
      const bool outline = !keypoints_ && row.numbers.size() != 5;
      if (const auto problem = label_problem(row, set_.names.size(), keypoints_);
          !problem.empty()) {
        mistakes_.bad(Finding::row, base::cat(file.string(), ":", number), problem);
      } else {
        add_object(item, box_in(row.numbers, outline),
                   outline ? outline_in(row.numbers) : Outline());
      }
    }
    return true;
  }

  document::Document yaml_;
  fs::path folder_;
  Parts parts_;
  Keypoints keypoints_;
  DataSet set_;
  Repeats repeats_;
  task::Mistakes mistakes_;
};

}  // namespace

fs::path label_file(const fs::path& picture) {
  const auto text = picture.string();
  const auto at = text.rfind("/images/");
  fs::path result =
      at == std::string::npos ? text : text.substr(0, at) + "/labels/" + text.substr(at + 8);
  return result.replace_extension(".txt");
}

std::vector<fs::path> labels_without_picture(const DataSet& set) {
  if (!set.label_files) return {};
  std::map<fs::path, fs::path> folders;  // of labels, and of their pictures
  for (const auto& part : data_parts)
    for (const auto& item : set.part(part))
      folders.emplace(label_file(item.image).parent_path(), item.image.parent_path());
  std::vector<fs::path> lost;
  for (const auto& [labels, pictures] : folders) {
    if (labels == pictures || !fs::is_directory(labels)) continue;
    std::set<fs::path> known;
    for (const auto& entry : fs::directory_iterator(pictures))
      if (media::has_image_ending(entry.path())) known.insert(entry.path().stem());
    for (const auto& entry : fs::directory_iterator(labels)) {
      const auto& file = entry.path();
      const bool label = base::lower(file.extension().string()) == ".txt" &&
                         file.filename() != "classes.txt" &&
                         !file.filename().string().starts_with('.');
      if (label && !known.contains(file.stem())) lost.push_back(file);
    }
  }
  std::sort(lost.begin(), lost.end());
  return lost;
}

DataSet read_yolo_set(const fs::path& yaml, bool skip_bad, Parts parts) {
  return YoloReader(yaml, skip_bad, parts).read();
}

}  // namespace lotse::runner::detect
