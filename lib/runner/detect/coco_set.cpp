#include "runner/detect/coco_set.h"

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/draft_folder.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/detect/write_plain.h"

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

struct Picture {
  std::string file;
  double width = 0, height = 0;
  std::set<std::string> labels;  ///< each box once
};

/// What a COCO file says, with its mistakes.
class Part {
 public:
  Part(const CocoPart& part, bool skip_bad, task::Problems& problems, Converted& converted)
      : part_(part), skip_bad_(skip_bad), problems_(problems), converted_(converted) {}

  void read() {
    const auto document = parse();
    if (!document.is_object())
      return problems_.add(part_.annotations.string(), "is not COCO's JSON");
    if (!each(document, "categories",
              [&](const json& one, const auto& bad) { category(one, bad); }))
      return;
    for (const auto& [id, name] : categories_) numbers_.emplace(id, numbers_.size());
    if (!each(document, "images", [&](const json& one, const auto& bad) { picture(one, bad); }))
      return;
    each(document, "annotations", [&](const json& one, const auto& bad) { annotation(one, bad); });
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [id, name] : categories_) all.push_back(name);
    return all;
  }
  const std::map<int64_t, std::string>& categories() const { return categories_; }
  const std::map<int64_t, Picture>& pictures() const { return pictures_; }
  const CocoPart& source() const { return part_; }

 private:
  using Bad = std::function<void(Finding::Kind, const std::string&)>;

  /// Outlines are most of such a file, and are not needed.
  json parse() const {
    std::ifstream file(part_.annotations, std::ios::binary);
    if (!file) {
      problems_.add(part_.annotations.string(), "cannot be read");
      return {};
    }
    const auto kept = [](int, json::parse_event_t event, json& value) {
      return !(event == json::parse_event_t::key && value == "segmentation");
    };
    return json::parse(file, kept, false);
  }

  bool each(const json& document, const char* key,
            const std::function<void(const json&, const Bad&)>& read) {
    const auto list = document.find(key);
    if (list == document.end() || !list->is_array()) {
      problems_.add(part_.annotations.string(), cat("has no list '", key, "'"));
      return false;
    }
    size_t number = 0;
    for (const auto& one : *list) {
      const Bad bad = [&](Finding::Kind kind, const std::string& message) {
        const auto where = cat(part_.annotations.string(), ": ", key, "[", number, "]");
        if (skip_bad_)
          converted_.left_out.all.push_back({kind, where, message});
        else
          problems_.add(where, message);
      };
      read(one, bad);
      ++number;
    }
    return true;
  }

  static std::optional<int64_t> id_of(const json& one, const char* key) {
    const auto found = one.find(key);
    if (found == one.end() || !found->is_number_integer()) return {};
    return found->get<int64_t>();
  }

  void category(const json& one, const Bad& bad) {
    const auto id = id_of(one, "id");
    const auto name = one.is_object() ? one.find("name") : one.end();
    if (!id || name == one.end() || !name->is_string() || name->get<std::string>().empty())
      return bad(Finding::entry, "has no id and name");
    if (!categories_.emplace(*id, name->get<std::string>()).second)
      bad(Finding::entry, cat("id ", *id, " is there twice"));
  }

  void picture(const json& one, const Bad& bad) {
    const auto id = id_of(one, "id");
    const auto width = number_at(one, "width"), height = number_at(one, "height");
    const auto name = one.is_object() ? one.find("file_name") : one.end();
    if (!id || !width || !height || *width <= 0 || *height <= 0 || name == one.end() ||
        !name->is_string())
      return bad(Finding::picture, "has no id, file_name, width and height");
    const auto file = fs::path(name->get<std::string>()).lexically_normal();
    if (file.empty() || file.is_absolute() || *file.begin() == "..")
      return bad(Finding::picture, cat("'", file.string(), "' does not lie in the folder"));
    if (!fs::is_regular_file(part_.pictures / file))
      return bad(Finding::picture, cat("there is no picture ", (part_.pictures / file).string()));
    if (!labels_.insert(fs::path(file).replace_extension()).second)
      return bad(Finding::picture, cat("there is another picture named as ", file.string()));
    if (!pictures_.emplace(*id, Picture{file.string(), *width, *height, {}}).second)
      bad(Finding::picture, cat("id ", *id, " is there twice"));
  }

  void annotation(const json& one, const Bad& bad) {
    if (!one.is_object()) return bad(Finding::row, "is not an object");
    if (number_at(one, "iscrowd").value_or(0) != 0) {
      ++converted_.crowds;
      return;
    }
    const auto picture = pictures_.find(id_of(one, "image_id").value_or(-1));
    if (picture == pictures_.end()) return bad(Finding::row, "its image_id is no picture's");
    const auto number = numbers_.find(id_of(one, "category_id").value_or(-1));
    if (number == numbers_.end()) return bad(Finding::row, "its category_id is no category's");
    const auto box = one.find("bbox");
    if (box == one.end() || !box->is_array() || box->size() != 4)
      return bad(Finding::row, "has no bbox of four numbers");
    for (const auto& value : *box)
      if (!value.is_number() || !std::isfinite(value.get<double>()))
        return bad(Finding::row, "has no bbox of four numbers");
    auto& of = picture->second;
    // Cut to the picture: tools round beyond its edge.
    const double x1 = std::clamp(box->at(0).get<double>(), 0.0, of.width),
                 y1 = std::clamp(box->at(1).get<double>(), 0.0, of.height),
                 x2 =
                     std::clamp(box->at(0).get<double>() + box->at(2).get<double>(), 0.0, of.width),
                 y2 = std::clamp(box->at(1).get<double>() + box->at(3).get<double>(), 0.0,
                                 of.height);
    if (x2 <= x1 || y2 <= y1) return bad(Finding::row, "nothing of its bbox lies in the picture");
    char line[160];
    std::snprintf(line, sizeof line, "%zu %.9g %.9g %.9g %.9g\n", number->second,
                  (x1 + x2) / 2 / of.width, (y1 + y2) / 2 / of.height, (x2 - x1) / of.width,
                  (y2 - y1) / of.height);
    of.labels.insert(line);
  }

  const CocoPart& part_;
  bool skip_bad_;
  task::Problems& problems_;
  Converted& converted_;
  std::map<int64_t, std::string> categories_;
  std::map<int64_t, size_t> numbers_;  ///< class by id of the category
  std::map<int64_t, Picture> pictures_;
  std::set<fs::path> labels_;  ///< names of label files that are taken
};

/// Where the data set goes, with its parents made. Throws Error(invalid) if anything is there.
fs::path free_place(const fs::path& folder) {
  auto wanted = fs::absolute(folder).lexically_normal();
  if (!wanted.has_filename()) wanted = wanted.parent_path();  // "pets/"
  const bool there = fs::exists(fs::symlink_status(wanted));
  if (there && !(fs::is_directory(wanted) && fs::is_empty(wanted)))
    throw base::Error(
        {{base::printable(folder.string()), "is there already", "Name a new or empty folder."}});
  fs::create_directories(wanted.parent_path());
  return wanted;
}

void link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code cannot;
  fs::create_hard_link(fs::canonical(from), to, cannot);
  if (cannot) fs::copy_file(from, to);
}

void write_picture(const Picture& picture, const CocoPart& source, const fs::path& folder) {
  const auto image = folder / "images" / source.name / picture.file;
  const auto label = (folder / "labels" / source.name / picture.file).replace_extension(".txt");
  fs::create_directories(image.parent_path());
  fs::create_directories(label.parent_path());
  link_or_copy(source.pictures / picture.file, image);
  std::string text;
  for (const auto& line : picture.labels) text += line;
  write_plain(label, text);
}

}  // namespace

Converted convert_coco(const std::vector<CocoPart>& parts, const fs::path& folder, bool skip_bad,
                       const std::function<void(int64_t, int64_t)>& progress) {
  const auto wanted = free_place(folder);
  const base::DraftFolder made(wanted, "another `lotse-runner dataset convert`");
  Converted converted;
  task::Problems problems;
  std::vector<Part> read;
  for (const auto& part : parts) {
    read.emplace_back(part, skip_bad, problems, converted).read();
    if (problems.empty() && read.back().categories() != read.front().categories())
      problems.add(part.annotations.string(),
                   cat("has other categories than ", parts.front().annotations.string()));
    if (problems.empty() && read.back().pictures().empty())
      problems.add(part.annotations.string(), "names no picture that is there");
  }
  problems.check();
  int64_t total = 0;
  for (const auto& part : read) total += static_cast<int64_t>(part.pictures().size());
  for (const auto& part : read) {
    for (const auto& [id, picture] : part.pictures()) {
      base::throw_if_interrupted();
      write_picture(picture, part.source(), made.path());
      converted.objects += static_cast<int64_t>(picture.labels.size());
      ++converted.pictures;
      if (progress) progress(converted.pictures, total);
    }
  }
  std::string yaml;
  for (const auto& part : parts) yaml += cat(part.name, ": images/", part.name, "\n");
  yaml += cat("names: ", json(read.front().names()).dump(), "\n");
  write_plain(made.path() / "data.yaml", yaml);
  made.become(wanted);
  return converted;
}

}  // namespace lotse::runner::detect
