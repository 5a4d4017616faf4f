#include "runner/data/dataset.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/document.h"
#include "runner/data/problems.h"
#include "runner/image/codec.h"

namespace lotse::runner::data {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto& line : base::split(text, '\n')) lines.push_back(base::trim(line));
  return lines;
}

/// The numbers of a label line; empty if one is not a number.
std::vector<double> numbers_of(const std::string& line) {
  std::vector<double> numbers;
  const char* at = line.c_str();
  while (*at != 0) {
    char* end = nullptr;
    const double value = std::strtod(at, &end);
    if (end == at || (*end != 0 && *end != ' ' && *end != '\t')) return {};
    numbers.push_back(value);
    for (at = end; *at == ' ' || *at == '\t';) ++at;
  }
  return numbers;
}

Box box_of(const std::vector<double>& n) {
  Box box{static_cast<int64_t>(n[0])};
  if (n.size() == 5) {
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

/// What is wrong with a label line's numbers, or "".
std::string label_problem(const std::vector<double>& n, size_t classes) {
  if (n.empty()) return "holds something that is not a number";
  if (n.size() != 5 && (n.size() < 7 || n.size() % 2 == 0))
    return base::cat("has ", n.size(), " values; a box has 5, an outline 7, 9, 11, ...");
  if (n[0] != static_cast<double>(static_cast<int64_t>(n[0])) || n[0] < 0 ||
      n[0] >= static_cast<double>(classes))
    return base::cat("class ", n[0], " is none of 0 to ", classes - 1);
  for (size_t i = 1; i < n.size(); ++i)
    if (!(n[i] >= -0.01 && n[i] <= 1.01))
      return base::cat("value ", n[i], " is outside 0 to 1 (parts of the side, not pixels)");
  if (n.size() == 5 && (n[3] <= 0 || n[4] <= 0)) return "width or height is 0";
  return "";
}

class Reader {
 public:
  explicit Reader(const fs::path& file)
      : yaml_(document::read_document(file)), folder_(file.parent_path()) {}

  DataSet read() {
    DataSet result;
    if (!yaml_.value.is_object()) throw base::Error({{yaml_.file, "is not a mapping", example}});
    read_names(result.names);
    if (const auto it = yaml_.value.find("path"); it != yaml_.value.end() && !it->is_null()) {
      if (it->is_string()) {
        folder_ /= it->get<std::string>();
      } else {
        problems_.add(yaml_.where("/path"), "path: is not a text");
      }
    }
    problems_.check();
    result.train = read_part("train", result.names.size());
    result.val = read_part("val", result.names.size());
    problems_.check();
    return result;
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
      const auto number = numbers_of(key);
      const auto pointer = document::append("/names", key);
      if (number.size() != 1 || number[0] < 0 || number[0] >= static_cast<double>(names.size()) ||
          number[0] != static_cast<double>(static_cast<size_t>(number[0]))) {
        problems_.add(yaml_.where(pointer),
                      base::cat("names: class numbers must be 0 to ", names.size() - 1));
        continue;
      }
      auto& name = names[static_cast<size_t>(number[0])];
      name = value.is_string() ? value.get<std::string>() : value.dump();
      if (name.empty()) problems_.add(yaml_.where(pointer), "names: a name is empty");
    }
    if (const auto nc = yaml_.value.find("nc"); nc != yaml_.value.end() && *nc != names.size())
      problems_.add(yaml_.where("/nc"),
                    base::cat("nc: is ", nc->dump(), ", but there are ", names.size(), " names"));
  }

  std::vector<Item> read_part(const std::string& key, size_t classes) {
    std::vector<Item> items;
    const auto found = yaml_.value.find(key);
    if (found == yaml_.value.end()) {
      problems_.add(yaml_.file, "has no '" + key + "'", example);
      return items;
    }
    const json list = found->is_array() ? *found : json::array({*found});
    for (const auto& entry : list) {
      if (entry.is_string()) {
        add_source(folder_ / entry.get<std::string>(), yaml_.where("/" + key), items);
      } else {
        problems_.add(yaml_.where("/" + key), key + ": is not a path");
      }
    }
    if (items.empty() && problems_.empty())
      problems_.add(yaml_.where("/" + key), key + ": holds no pictures",
                    "Pictures are JPEG, PNG or WebP.");
    for (auto& item : items) read_labels(item, classes);
    return items;
  }

  void add_source(const fs::path& source, const std::string& where, std::vector<Item>& items) {
    if (fs::is_directory(source)) {
      std::vector<fs::path> found;
      for (const auto& entry : fs::recursive_directory_iterator(source))
        if (entry.is_regular_file() && image::has_image_ending(entry.path()))
          found.push_back(entry.path());
      std::sort(found.begin(), found.end());
      for (auto& path : found) items.push_back({path.lexically_normal(), {}});
    } else if (fs::is_regular_file(source) && source.extension() == ".txt") {
      add_list(source, items);
    } else {
      problems_.add(where, source.string() + ": there is no such folder or list");
    }
  }

  void add_list(const fs::path& list, std::vector<Item>& items) {
    size_t number = 0;
    for (const auto& line : lines_of(base::read_file(list))) {
      ++number;
      if (line.empty()) continue;
      const fs::path picture = (list.parent_path() / line).lexically_normal();
      if (fs::is_regular_file(picture)) {
        items.push_back({picture, {}});
      } else {
        problems_.add(base::cat(list.string(), ":", number),
                      "there is no picture " + picture.string());
      }
    }
  }

  void read_labels(Item& item, size_t classes) {
    const auto file = label_file(item.image);
    const auto text = base::read_file_if_there(file);
    if (!text) return;
    std::set<std::string> seen;
    size_t number = 0;
    for (const auto& line : lines_of(*text)) {
      ++number;
      if (line.empty() || !seen.insert(line).second) continue;
      const auto numbers = numbers_of(line);
      if (const auto problem = label_problem(numbers, classes); !problem.empty()) {
        problems_.add(base::cat(file.string(), ":", number), problem);
      } else if (const auto box = box_of(numbers); box.width() > 0 && box.height() > 0) {
        item.boxes.push_back(box);
      }
    }
  }

  static fs::path label_file(const fs::path& picture) {
    const auto text = picture.string();
    const auto at = text.rfind("/images/");
    fs::path result =
        at == std::string::npos ? text : text.substr(0, at) + "/labels/" + text.substr(at + 8);
    return result.replace_extension(".txt");
  }

  document::Document yaml_;
  fs::path folder_;
  Problems problems_;
};

}  // namespace

DataSet read_data_set(const fs::path& yaml) {
  return Reader(fs::absolute(yaml)).read();
}

}  // namespace lotse::runner::data
