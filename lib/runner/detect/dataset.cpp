#include "runner/detect/dataset.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/document.h"
#include "runner/media/codec.h"
#include "runner/task/problems.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;

using task::Finding;
using task::Problems;

namespace {

using nlohmann::json;

/// Lines without white space at their ends, however they are ended ("\n", "\r\n", "\r"); a byte
/// order mark is none of the text's.
std::vector<std::string> lines_of(std::string text) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  text = base::replace_all(base::replace_all(std::move(text), "\r\n", "\n"), "\r", "\n");
  std::vector<std::string> lines;
  for (const auto& line : base::split(text, '\n')) lines.push_back(base::trim(line));
  return lines;
}

/// Why the bytes are not the text that they should be, or "". A NUL stands in each letter of
/// UTF-16.
std::string encoding_problem(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return "is UTF-16, not UTF-8";
  return text.find('\0') == std::string_view::npos ? "" : "is no text in UTF-8: it holds NUL bytes";
}

constexpr auto encoding_hint = "Save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8.";

struct LabelRow {
  std::vector<double> numbers;
  std::string wrong;  ///< the first thing in it that is not a number
};

LabelRow label_row(const std::string& line) {
  LabelRow row;
  for (const auto& part : base::split(base::replace_all(line, "\t", " "), ' ')) {
    if (part.empty()) continue;
    char* end = nullptr;
    row.numbers.push_back(std::strtod(part.c_str(), &end));
    if (end != part.c_str() + part.size()) {
      row.wrong = part;
      break;
    }
  }
  return row;
}

/// The class number that a key of `names` is, below `count`.
std::optional<size_t> class_number(const std::string& key, size_t count) {
  size_t number = 0;
  const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == key.data() + key.size();
  return whole && number < count ? std::optional(number) : std::nullopt;
}

/// How the rows of label files look: [N, D] of kpt_shape, or 0 where there are no keypoints.
struct Keypoints {
  int64_t count = 0, dimensions = 0;
  size_t values() const { return static_cast<size_t>(5 + count * dimensions); }
  explicit operator bool() const { return count > 0; }
};

/// `outline`: x1 y1 x2 y2 ... behind the class, else centre, width and height.
Box box_of(const std::vector<double>& n, bool outline) {
  Box box{static_cast<int64_t>(n[0])};
  if (!outline) {
    box.x1 = n[1] - n[3] / 2, box.x2 = n[1] + n[3] / 2;
    box.y1 = n[2] - n[4] / 2, box.y2 = n[2] + n[4] / 2;
  } else {
    box.x1 = box.x2 = n[1];
    box.y1 = box.y2 = n[2];
    for (size_t i = 1; i + 1 < n.size(); i += 2) {
      box.x1 = std::min(box.x1, n[i]), box.x2 = std::max(box.x2, n[i]);
      box.y1 = std::min(box.y1, n[i + 1]), box.y2 = std::max(box.y2, n[i + 1]);
    }
  }
  for (double* value : {&box.x1, &box.y1, &box.x2, &box.y2}) *value = std::clamp(*value, 0.0, 1.0);
  return box;
}

Outline outline_in(const std::vector<double>& n) {
  const auto part = [](double value) { return static_cast<float>(std::clamp(value, 0.0, 1.0)); };
  Outline outline;
  for (size_t i = 1; i + 1 < n.size(); i += 2) outline.push_back({part(n[i]), part(n[i + 1])});
  return outline;
}

std::string count_problem(size_t values, const Keypoints& keypoints) {
  if (values == 5) return "";
  if (keypoints && values != keypoints.values())
    return base::cat("has ", values, " values; kpt_shape [", keypoints.count, ", ",
                     keypoints.dimensions, "] makes ", keypoints.values(), ", or 5 without points");
  if (!keypoints && (values < 7 || values % 2 == 0))
    return base::cat("has ", values, " values; a box has 5, an outline 7, 9, 11, ...");
  return "";
}

/// What is wrong with a label line, or "".
std::string label_problem(const LabelRow& row, size_t classes, const Keypoints& keypoints) {
  const auto& n = row.numbers;
  if (!row.wrong.empty()) return "'" + row.wrong + "' is not a number";
  if (auto problem = count_problem(n.size(), keypoints); !problem.empty()) return problem;
  if (!(n[0] >= 0 && n[0] < static_cast<double>(classes)) || n[0] != std::floor(n[0]))
    return base::cat("class ", n[0], " is none of 0 to ", classes - 1);
  const size_t used = keypoints ? 5 : n.size();
  for (size_t i = 1; i < used; ++i)
    if (!(n[i] >= -0.01 && n[i] <= 1.01))
      return base::cat("value ", n[i], " is outside 0 to 1 (parts of the side, not pixels)");
  if (used == 5 && (n[3] <= 0 || n[4] <= 0)) return "width or height is 0";
  return "";
}

bool hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

/// The pictures in a folder and those below it, and how many other files there are by their ending.
struct Folder {
  std::vector<fs::path> pictures;
  std::map<std::string, int64_t> others;
};

/// Whether a link leads to a folder around it: following it would never end.
bool leads_back(const fs::directory_entry& entry) {
  if (!entry.is_symlink() || !entry.is_directory()) return false;
  const auto target = fs::canonical(entry.path());
  const auto from = fs::canonical(entry.path().parent_path());
  return std::mismatch(target.begin(), target.end(), from.begin(), from.end()).first ==
         target.end();
}

Folder look_into(const fs::path& folder) {
  Folder found;
  // Label files, and what other tools put beside them.
  const std::set<std::string> known = {".txt", ".cache", ".npy", ".json", ".xml", ".yaml", ".yml"};
  const auto options = fs::directory_options::follow_directory_symlink;
  for (auto entry = fs::recursive_directory_iterator(folder, options);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const auto& path = entry->path();
    if (hidden(path) || leads_back(*entry)) {
      entry.disable_recursion_pending();  // .ipynb_checkpoints and the like
    } else if (entry->is_regular_file()) {
      const auto ending = base::lower(path.extension().string());
      if (media::has_image_ending(path))
        found.pictures.push_back(path);
      else if (known.count(ending) == 0)
        ++found.others[ending];
    } else if (!entry->is_directory() && media::has_image_ending(path)) {
      ++found.others["links to nothing"];
    }
  }
  std::sort(found.pictures.begin(), found.pictures.end());
  return found;
}

std::string in_words(const std::map<std::string, int64_t>& endings) {
  std::vector<std::string> parts;
  for (const auto& [ending, count] : endings)
    parts.push_back(base::cat(count, " ", ending.empty() ? "without an ending" : ending));
  return base::printable(base::join(parts, ", "));
}

class Reader {
 public:
  Reader(const fs::path& file, bool skip_bad)
      : yaml_(document::read_document(file)), folder_(file.parent_path()), skip_bad_(skip_bad) {}

  DataSet read() {
    auto& result = set_;
    if (!yaml_.value.is_object()) throw base::Error({{yaml_.file, "is not a mapping", example}});
    read_names(result.names);
    if (const auto it = yaml_.value.find("path"); it != yaml_.value.end() && !it->is_null()) {
      if (it->is_string()) {
        folder_ /= it->get<std::string>();
      } else {
        problems_.add(yaml_.where("/path"), "path: is not a text");
      }
    }
    read_keypoints();
    problems_.check();
    result.train = read_part("train");
    result.val = read_part("val");
    problems_.check();
    return std::move(set_);
  }

 private:
  static constexpr auto example =
      "It needs: train: images/train, val: images/val, names: [circle, square]";

  void read_names(std::vector<std::string>& names) {
    const auto found = yaml_.value.find("names");
    if (found == yaml_.value.end()) return problems_.add(yaml_.file, "has no 'names'", example);
    const auto wrong = [&](const std::string& message) {
      problems_.add(yaml_.where("/names"), "names: " + message, example);
    };
    if ((!found->is_array() && !found->is_object()) || found->empty())
      return wrong("is neither a list nor a map of class names");
    names.resize(found->size());
    for (const auto& [key, value] : found->items()) {
      const auto number = class_number(key, names.size());
      const auto pointer = document::append("/names", key);
      if (!number) {
        problems_.add(yaml_.where(pointer),
                      base::cat("names: class numbers must be 0 to ", names.size() - 1));
        continue;
      }
      auto& name = names[*number];
      name = value.is_string() ? value.get<std::string>() : value.dump();
      if (name.empty()) problems_.add(yaml_.where(pointer), "names: a name is empty");
    }
    if (const auto nc = yaml_.value.find("nc"); nc != yaml_.value.end() && *nc != names.size())
      problems_.add(yaml_.where("/nc"),
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
      return problems_.add(yaml_.where("/kpt_shape"),
                           "kpt_shape: is not [number of points, 2 or 3]");
    keypoints_ = {whole(0), whole(1)};
    set_.notes.emplace_back("kpt_shape: boxes are read, keypoints are not");
  }

  std::vector<Item> read_part(const std::string& key) {
    std::vector<Item> items;
    const auto found = yaml_.value.find(key);
    if (found == yaml_.value.end()) {
      problems_.add(yaml_.file, "has no '" + key + "'", example);
      return items;
    }
    const json list = found->is_array() ? *found : json::array({*found});
    for (const auto& entry : list) {
      if (entry.is_string()) {
        add_source(key, entry.get<std::string>(), items);
      } else {
        problems_.add(yaml_.where("/" + key), key + ": is not a path");
      }
    }
    if (items.empty() && problems_.empty())
      problems_.add(yaml_.where("/" + key), key + ": holds no pictures",
                    base::cat("These are read: ", media::formats, "."));
    find_labels(key, items);
    return items;
  }

  /// Where an entry of `train` or `val` lies. Roboflow writes "../train/images" for a folder beside
  /// data.yaml.
  fs::path locate(const std::string& key, const std::string& entry) {
    auto written = folder_ / entry;
    if (fs::exists(written) || !entry.starts_with("../")) return written;
    auto beside = folder_ / entry.substr(3);
    if (!fs::exists(beside)) return written;
    set_.notes.push_back(base::printable(
        base::cat(key, ": ", entry, " is not there; ", entry.substr(3), " is taken")));
    return beside;
  }

  void add_source(const std::string& key, const std::string& entry, std::vector<Item>& items) {
    const auto source = locate(key, entry);
    if (fs::is_directory(source)) {
      auto found = look_into(source);
      for (auto& path : found.pictures) items.push_back({path.lexically_normal(), {}});
      if (!found.others.empty())
        set_.notes.push_back(base::cat(key, ": left out what is no picture (", media::formats,
                                       ") by its name: ", in_words(found.others)));
    } else if (fs::is_regular_file(source) && base::lower(source.extension().string()) == ".txt") {
      add_list(source, items);
    } else {
      problems_.add(yaml_.where("/" + key), source.string() + ": there is no such folder or list",
                    "Paths begin at data.yaml's folder, or at 'path' in it.");
    }
  }

  void add_list(const fs::path& list, std::vector<Item>& items) {
    const auto text = base::read_file(list);
    if (const auto problem = encoding_problem(text); !problem.empty())
      return problems_.add(list.string(), problem, encoding_hint);
    size_t number = 0;
    for (const auto& line : lines_of(text)) {
      ++number;
      if (line.empty()) continue;
      const fs::path picture = (list.parent_path() / line).lexically_normal();
      if (fs::is_regular_file(picture)) {
        items.push_back({picture, {}});
      } else {
        bad(Finding::entry, base::cat(list.string(), ":", number),
            "there is no picture " + picture.string());
      }
    }
  }

  void find_labels(const std::string& key, std::vector<Item>& items) {
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
    auto text = base::read_file_if_there(file);
    if (!text) text = base::read_file_if_there(file.replace_extension(".TXT"));
    if (!text) return false;
    item.labelled = true;
    if (const auto problem = encoding_problem(*text); !problem.empty()) {
      bad(Finding::picture, file.string(), problem, encoding_hint);
      item.image.clear();
      return true;
    }
    std::set<std::string> seen;
    size_t number = 0;
    for (const auto& line : lines_of(*text)) {
      ++number;
      if (line.empty() || !seen.insert(line).second) continue;
      const auto row = label_row(line);
      const bool outline = !keypoints_ && row.numbers.size() != 5;
      if (const auto problem = label_problem(row, set_.names.size(), keypoints_);
          !problem.empty()) {
        bad(Finding::row, base::cat(file.string(), ":", number), problem);
      } else if (const auto box = box_of(row.numbers, outline);
                 box.width() > 0 && box.height() > 0) {
        add_object(item, box, outline ? outline_in(row.numbers) : Outline());
      }
    }
    return true;
  }

  /// A mistake that the rest of the data set can do without.
  void bad(Finding::Kind kind, const std::string& where, const std::string& message,
           const std::string& hint = "") {
    if (!skip_bad_) return problems_.add(where, message, hint);
    set_.left_out.all.push_back({kind, where, message});
  }

  document::Document yaml_;
  fs::path folder_;
  bool skip_bad_;
  Keypoints keypoints_;
  DataSet set_;
  Problems problems_;
};

}  // namespace

fs::path label_file(const fs::path& picture) {
  const auto text = picture.string();
  const auto at = text.rfind("/images/");
  fs::path result =
      at == std::string::npos ? text : text.substr(0, at) + "/labels/" + text.substr(at + 8);
  return result.replace_extension(".txt");
}

DataSet read_data_set(const fs::path& yaml, bool skip_bad) {
  return Reader(fs::absolute(yaml), skip_bad).read();
}

}  // namespace lotse::runner::detect
