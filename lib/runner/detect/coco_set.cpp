#include "runner/detect/coco_set.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/detect/coco_ids.h"
#include "runner/detect/coco_outline.h"
#include "runner/detect/label_rows.h"
#include "runner/detect/picture_names.h"
#include "runner/detect/repeats.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;
using base::cat;
using nlohmann::json;
using task::Finding;

namespace {

/// What may be a number of any kind; nothing for another thing, and for one that is not finite.
std::optional<double> number_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return {};
  const auto value = found->get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

struct CocoObject {
  Box box;
  Outline outline;
  size_t number;  ///< of its annotation

  auto key() const { return std::tie(box.class_id, box.x1, box.y1, box.x2, box.y2); }
};

struct CocoPicture {
  std::string file;  ///< its name; once it is found, its path from the pictures' folder
  double width = 0, height = 0;
  bool bad = false;  ///< known, and left out with what is on it
  std::vector<CocoObject> objects = {};
  std::vector<Box> crowds = {};
};

struct CocoAnnotation {
  size_t number;
  int64_t picture, category;
  double x, y, width, height;
  Outline outline;  ///< in pixels
  bool crowd = false;
};

/// The folders in which the pictures of a COCO file are looked for, the likeliest first: those of
/// COCO's own archives and of the tools that export its form.
std::vector<fs::path> likely_folders(const fs::path& annotations) {
  auto name = annotations.stem().string();
  if (name.starts_with("instances_")) name.erase(0, 10);
  const auto here = annotations.parent_path(), above = here / "..";
  std::vector<fs::path> all;
  for (const auto& folder : {here, here / name, here / "images", here / "images" / name, above,
                             above / name, above / "images", above / "images" / name})
    all.push_back(folder.lexically_normal());
  return all;
}

bool lies_where_named(const fs::path& file) {
  return file.is_absolute() && fs::is_regular_file(file);
}

class CocoReader {
 public:
  CocoReader(const CocoFile& file, std::vector<std::string>& names, std::vector<std::string>& notes,
             task::Mistakes& mistakes)
      : file_(file), names_(names), notes_(notes), mistakes_(mistakes) {}

  std::vector<Item> read() {
    if (!parse()) return {};
    number_classes();
    choose_folder();
    for (auto& [id, picture] : pictures_) look_for(picture);
    for (const auto& annotation : annotations_) add(annotation);
    annotations_.clear();
    auto all = items();
    if (all.empty()) mistakes_.add_nothing_left(name(), "names no picture that can be used");
    if (auto note = found_.note(); !note.empty()) notes_.push_back(cat(name(), ": ", note));
    if (crowds_ > 0)
      notes_.push_back(
          cat(name(), ": ", crowds_,
              " annotations mark crowds, which are no objects: they are not learned, and as COCO "
              "counts, what is found on them is neither right nor wrong"));
    if (auto note = repeats_.note(); !note.empty()) notes_.push_back(std::move(note));
    for (const auto& note : outlines_.notes()) notes_.push_back(cat(name(), ": ", note));
    return all;
  }

 private:
  std::string name() const { return file_.annotations.string(); }
  std::string place(const char* list, size_t number) const {
    return cat(name(), ": ", list, "[", number, "]");
  }

  /// Elements are taken as they are read and kept in no document, which would be many times as
  /// large.
  bool parse() {
    std::ifstream file(file_.annotations, std::ios::binary);
    if (!file) return mistakes_.add(name(), "cannot be read"), false;
    const std::string head = {static_cast<char>(file.get()), static_cast<char>(file.get())};
    if (const auto problem = encoding_problem(head); !problem.empty())
      return mistakes_.add(name(), problem, encoding_hint), false;
    file.clear();
    file.seekg(0);
    std::string list;
    std::map<std::string, size_t> seen;
    const auto take = [&](int depth, json::parse_event_t event, json& value) {
      using Event = json::parse_event_t;
      if (depth == 1 && event == Event::key) list = value.get<std::string>();
      if (depth == 1 && event == Event::array_start) seen.emplace(list, 0);
      const bool element = depth == 2 && (event == Event::object_end || event == Event::array_end ||
                                          event == Event::value);
      if (!element || seen.count(list) == 0) return true;
      this->element(list, seen[list]++, value);
      return false;
    };
    try {
      if (!json::parse(file, take).is_object())
        return mistakes_.add(name(), "is not COCO's JSON"), false;
    } catch (const json::parse_error& error) {
      return mistakes_.add(name(), cat("is no JSON from byte ", error.byte, " on")), false;
    }
    for (const auto* needed : {"categories", "images", "annotations"}) {
      if (seen.count(needed) > 0) continue;
      mistakes_.add(name(), cat("has no list '", needed, "'"));
      return false;
    }
    return true;
  }

  void element(const std::string& list, size_t number, const json& one) {
    if (number % 1000 == 0) base::throw_if_interrupted();
    const auto at = [&](const char* in) { return place(in, number); };
    if (list == "categories") {
      const auto id = ids_.at(one, "id");
      if (!id || text_at(one, "name").empty())
        mistakes_.bad(Finding::entry, at("categories"), "has no id and name");
      else if (!categories_.emplace(*id, text_at(one, "name")).second)
        mistakes_.bad(Finding::entry, at("categories"),
                      cat("id ", ids_.words(*id), " is there twice"));
    } else if (list == "images") {
      picture(number, one);
    } else if (list == "annotations") {
      annotation(number, one);
    }
  }

  void picture(size_t number, const json& one) {
    const auto bad = [&](const std::string& message) {
      mistakes_.bad(Finding::picture, place("images", number), message);
    };
    const auto id = ids_.at(one, "id");
    const auto width = number_at(one, "width").value_or(0);
    const auto height = number_at(one, "height").value_or(0);
    const auto file = fs::path(text_at(one, "file_name")).lexically_normal();
    std::vector<std::string> lacks;
    if (!id) lacks.push_back("id");
    if (file.empty()) lacks.push_back("file_name");
    if (width <= 0) lacks.push_back("width");
    if (height <= 0) lacks.push_back("height");
    const bool outside = !file.empty() && *file.begin() == "..";
    const auto [entry, fresh] =
        id ? pictures_.try_emplace(*id, CocoPicture{file, width, height, outside || !lacks.empty()})
           : std::pair(pictures_.end(), false);
    if (!lacks.empty()) return bad(cat("has no ", base::join(lacks, ", no ")));
    if (outside) return bad(cat("'", file.string(), "' does not lie in the folder"));
    if (!fresh) return bad(cat("id ", ids_.words(*id), " is there twice"));
    numbers_.emplace(&entry->second, number);
  }

  void annotation(size_t number, const json& one) {
    const auto bad = [&](const char* message) {
      mistakes_.bad(Finding::row, place("annotations", number), message);
    };
    if (!one.is_object()) return bad("is not an object");
    const auto picture = ids_.at(one, "image_id"), category = ids_.at(one, "category_id");
    if (!picture || !category) return bad("has no image_id and category_id");
    const bool crowd = number_at(one, "iscrowd").value_or(0) != 0;
    crowds_ += crowd ? 1 : 0;
    const auto box = one.find("bbox");
    const bool four = box != one.end() && box->is_array() && box->size() == 4 &&
                      std::all_of(box->begin(), box->end(), [](const json& value) {
                        return value.is_number() && std::isfinite(value.get<double>());
                      });
    if (!four) return bad("has no bbox of four numbers");
    const auto side = [&](size_t i) { return box->at(i).get<double>(); };
    annotations_.push_back({number, *picture, *category, side(0), side(1), side(2), side(3),
                            crowd ? Outline() : outlines_.take(one), crowd});
  }

  void number_classes() {
    const bool ours = names_.empty();
    for (const auto& [id, name] : categories_) {
      auto at = std::find(names_.begin(), names_.end(), name);
      if (at == names_.end() && !ours) continue;
      if (at == names_.end()) at = names_.insert(names_.end(), name);
      classes_[id] = at - names_.begin();
    }
  }

  void choose_folder() {
    folder_ = file_.pictures;
    if (!folder_.empty()) return;
    constexpr size_t tried = 50;
    std::vector<std::string> names;
    for (const auto& [id, picture] : pictures_)
      if (!picture.bad && names.size() < tried && !lies_where_named(picture.file))
        names.push_back(picture.file);
    if (names.empty()) return;
    int64_t most = 0;
    for (const auto& folder : likely_folders(file_.annotations)) {
      const auto hits = std::count_if(names.begin(), names.end(), [&](const std::string& name) {
        return PictureNames::look(folder, name).has_value();
      });
      if (hits <= most) continue;
      most = hits;
      folder_ = folder;
    }
    if (most > 0)
      return notes_.push_back(
          base::printable(cat(name(), ": its pictures are taken from ", folder_.string())));
    mistakes_.add(name(), "none of its pictures is beside it",
                  "Name their folder in a data.yaml: train: {annotations: FILE, images: FOLDER}.");
  }

  void look_for(CocoPicture& picture) {
    if (picture.bad) return;
    const auto found = found_.take(folder_, picture.file);
    picture.bad = !found;
    if (found)
      picture.file = found->string();
    else
      mistakes_.bad(Finding::picture, place("images", numbers_.at(&picture)),
                    cat("there is no picture ", (folder_ / picture.file).string()));
  }

  void add(const CocoAnnotation& one) {
    const auto bad = [&](const std::string& message) {
      mistakes_.bad(Finding::row, place("annotations", one.number), message);
    };
    const auto found = pictures_.find(one.picture);
    if (found == pictures_.end())
      return bad(cat("its image_id ", ids_.words(one.picture), " is no picture's"));
    auto& of = found->second;
    if (of.bad) return;
    const auto category = categories_.find(one.category);
    if (category == categories_.end())
      return bad(cat("its category_id ", ids_.words(one.category), " is no category's"));
    const auto number = classes_.find(one.category);
    if (number == classes_.end())
      return bad(cat("'", category->second, "' is none of the classes"));
    // Cut to the picture: tools round beyond its edge.
    const auto part = [](double value, double side) { return std::clamp(value, 0.0, side) / side; };
    const Box box{number->second, part(one.x, of.width), part(one.y, of.height),
                  part(one.x + one.width, of.width), part(one.y + one.height, of.height)};
    if (box.width() <= 0 || box.height() <= 0)
      return bad("nothing of its bbox lies in the picture");
    if (one.crowd) return of.crowds.push_back(box);
    of.objects.push_back(
        {box, outlines_.fitted(one.outline, box, of.width, of.height), one.number});
  }

  std::vector<Item> items() {
    std::vector<Item> all;
    for (auto& [id, picture] : pictures_) {
      if (picture.bad) continue;
      auto& objects = picture.objects;
      std::stable_sort(objects.begin(), objects.end(),
                       [](const auto& a, const auto& b) { return a.key() < b.key(); });
      Item item{folder_ / picture.file,   {}, true, {}, picture.width / picture.height,
                std::move(picture.crowds)};
      for (size_t i = 0; i < objects.size(); ++i)
        if (i > 0 && objects[i].key() == objects[i - 1].key())
          repeats_.add(place("annotations", objects[i].number));
        else
          add_object(item, objects[i].box, objects[i].outline);
      all.push_back(std::move(item));
      objects = {};
    }
    return all;
  }

  const CocoFile& file_;
  std::vector<std::string>& names_;
  std::vector<std::string>& notes_;
  task::Mistakes& mistakes_;
  fs::path folder_;
  std::map<int64_t, std::string> categories_;
  std::map<int64_t, int64_t> classes_;  ///< class by id of the category
  std::map<int64_t, CocoPicture> pictures_;
  std::map<const CocoPicture*, size_t> numbers_;  ///< in the list, by picture
  std::vector<CocoAnnotation> annotations_;
  CocoIds ids_;
  PictureNames found_;
  CocoOutlines outlines_;
  Repeats repeats_;
  int64_t crowds_ = 0;
};

/// The words that name a part in the names of files and folders.
const std::vector<std::string>& words_of(const std::string& part) {
  static const std::vector<std::string> train = {"train"}, test = {"test"},
                                        val = {"validation", "valid", "val"};
  return part == "train" ? train : part == "val" ? val : test;
}

/// A path with the words that name parts in it: "annotations/instances_", "train", "2017.json".
struct NamedPart {
  std::string before, part, behind;
};

/// In the file's name, or else in its folder's (Roboflow: train/_annotations.coco.json).
std::optional<NamedPart> named_part(const fs::path& file) {
  const auto folder = file.parent_path().filename().string();
  const auto above = (file.parent_path().parent_path() / "").string();
  const auto name = file.filename().string();
  for (const auto& [before, text, behind] :
       {std::tuple((file.parent_path() / "").string(), name, std::string()),
        std::tuple(above, folder, "/" + name)})
    for (const auto& part : data_parts)
      for (const auto& word : words_of(part))
        if (const auto at = text.rfind(word); at != std::string::npos)
          return NamedPart{before + text.substr(0, at), part,
                           text.substr(at + word.size()) + behind};
  return {};
}

}  // namespace

std::vector<Item> read_coco(const CocoFile& file, std::vector<std::string>& names,
                            std::vector<std::string>& notes, task::Mistakes& mistakes) {
  return CocoReader(file, names, notes, mistakes).read();
}

DataSet read_coco_set(const fs::path& annotations, bool skip_bad, Parts parts) {
  const auto named = named_part(annotations);
  const std::string own = named ? named->part : parts == Parts::val ? "val" : "train";
  DataSet set;
  set.label_files = false;
  task::Mistakes mistakes(skip_bad);
  for (const auto& part : data_parts) {
    if (parts != Parts::all && (part == "test" || (part == "train" && parts == Parts::val)))
      continue;
    std::optional<fs::path> file;
    if (part == own) file = annotations;
    for (const auto& word : words_of(part))
      if (!file && named && fs::is_regular_file(named->before + word + named->behind))
        file = named->before + word + named->behind;
    if (file)
      set.part(part) = read_coco({*file, {}}, set.names, set.notes, mistakes);
    else if (parts != Parts::all)
      mistakes.add(annotations.string(), cat("has no file of the part '", part, "' beside it"),
                   "Name both in a data.yaml: train: a.json, val: b.json; or make two parts of it: "
                   "`lotse-runner dataset convert`, then `dataset split`.");
  }
  mistakes.check();
  set.left_out = mistakes.left_out();
  return set;
}

}  // namespace lotse::runner::detect
