#include "runner/detect/ndjson_set.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/number.h"
#include "base/strings.h"
#include "runner/detect/label_rows.h"
#include "runner/detect/picture_names.h"
#include "runner/detect/repeats.h"

namespace lotse::runner::detect {

namespace fs = std::filesystem;
using base::cat;
using nlohmann::json;
using task::Finding;

namespace {

class NdjsonReader {
 public:
  NdjsonReader(const fs::path& file, bool skip_bad, Parts parts)
      : file_(file), parts_(parts), mistakes_(skip_bad), folder_(file.parent_path()) {
    set_.label_files = false;
  }

  DataSet read() {
    std::ifstream file(file_, std::ios::binary);
    if (!file) throw base::Error({{file_.string(), "cannot be read", ""}});
    for (std::string line; std::getline(file, line);) {
      if (++number_ % 1000 == 0) base::throw_if_interrupted();
      if (number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
      if (const auto problem = encoding_problem(line); !problem.empty())
        throw base::Error({{place(), problem, encoding_hint}});
      if (const auto text = base::trim(line); !text.empty()) take(text);
    }
    if (set_.names.empty() && mistakes_.none()) mistakes_.add(file_.string(), "is empty", example);
    check_parts();
    mistakes_.check();
    set_.left_out = mistakes_.left_out();
    for (auto& note : {names_.note(), repeats_.note()})
      if (!note.empty()) set_.notes.push_back(note);
    return std::move(set_);
  }

 private:
  static constexpr auto example =
      R"(Its first line is like {"type": "dataset", "task": "detect", "class_names": {"0": "cat"}}.)";

  std::string place() const { return cat(file_.string(), ":", number_); }

  void take(const std::string& text) {
    const auto line = json::parse(text, nullptr, false);
    if (set_.names.empty()) return head(line);
    const auto bad = [&](const std::string& message) {
      mistakes_.bad(Finding::picture, place(), message);
    };
    if (!line.is_object()) return bad("is no JSON object");
    if (line.value("type", json()) != "image") return bad(R"(is not of the type "image")");
    picture(line, bad);
  }

  void head(const json& line) {
    const bool heads = line.is_object() && line.value("type", json()) == "dataset";
    const auto classes = heads ? line.value("class_names", json()) : json();
    if ((!classes.is_array() && !classes.is_object()) || classes.empty())
      throw base::Error({{place(), "has no class_names of a data set", example}});
    if (const auto task = line.value("task", json("detect"));
        task != "detect" && task != "segment" && task != "pose")
      throw base::Error({{place(), cat("its task is ", task.dump(), ", which has no boxes"),
                          "Read are detect, segment and pose."}});
    set_.names.resize(classes.size());
    for (const auto& [key, value] : classes.items()) {
      const auto at = base::to_integer(key).value_or(-1);
      if (at < 0 || at >= static_cast<int64_t>(classes.size()) || !value.is_string() ||
          value.get<std::string>().empty())
        throw base::Error(
            {{place(),
              cat("class_names: is no list, and no map of 0 to ", classes.size() - 1, ", of names"),
              example}});
      set_.names[static_cast<size_t>(at)] = value.get<std::string>();
    }
    if (line.contains("path") && line["path"].is_string())
      folder_ /= line["path"].get<std::string>();
  }

  template <class Bad>
  void picture(const json& line, const Bad& bad) {
    const auto given = line.value("split", json("train"));
    auto split = given.is_string() ? given.get<std::string>() : "";
    if (split == "valid" || split == "validation") split = "val";
    if (split != "train" && split != "val" && split != "test")
      return bad(cat("split: ", given.dump(), R"( is none of "train", "val" and "test")"));
    if (parts_ == Parts::val && split != "val") return;
    if (parts_ == Parts::train_and_val && split == "test") return;
    const auto file = line.value("file", json());
    const auto name = file.is_string() ? file.get<std::string>() : "";
    if (name.empty()) return bad("has no file");
    const auto found = find(name, split);
    if (found.empty())
      return bad(cat("there is no picture ", (folder_ / name).string(),
                     line.contains("url") ? "; its url is not followed: fetch it first" : ""));
    Item item{found, {}, true};
    const auto width = line.value("width", json()), height = line.value("height", json());
    if (width.is_number() && height.is_number() && height.get<double>() > 0)
      item.aspect = width.get<double>() / height.get<double>();
    const auto annotations = line.value("annotations", json::object());
    if (!annotations.is_object()) return bad("annotations: is no object");
    for (const auto* kind : {"boxes", "segments", "pose"}) rows(annotations, kind, item);
    set_.part(split).push_back(std::move(item));
  }

  fs::path find(const std::string& name, const std::string& split) {
    const auto file = fs::path(name).filename();
    for (const auto& at :
         {fs::path(name), "images" / fs::path(name), "images" / fs::path(split) / file,
          fs::path(split) / file, fs::path(split) / "images" / file})
      if (fs::is_regular_file(folder_ / at)) return (folder_ / at).lexically_normal();
    const auto found = names_.take(folder_, name);
    return found ? (folder_ / *found).lexically_normal() : fs::path();
  }

  void rows(const json& annotations, const char* kind, Item& item) {
    const auto list = annotations.find(kind);
    if (list == annotations.end()) return;
    const auto bad = [&](const std::string& at, const std::string& message) {
      mistakes_.bad(Finding::row, place(), cat("annotations.", kind, at, ": ", message));
    };
    if (!list->is_array()) return bad("", "is no list");
    const bool outline = std::string_view(kind) == "segments";
    std::set<std::string> seen;
    for (size_t i = 0; i < list->size(); ++i) {
      LabelRow row;
      const auto& one = list->at(i);
      const auto at = cat("[", i, "]");
      if (!seen.insert(one.dump()).second) {
        repeats_.add(cat(place(), ": annotations.", kind, at));
        continue;
      }
      for (const auto& value : one)
        value.is_number() ? row.numbers.push_back(value.get<double>())
                          : void(row.wrong = value.dump());
      if (std::string_view(kind) == "pose" && row.numbers.size() > 5) row.numbers.resize(5);
      auto problem = one.is_array() ? label_problem(row, set_.names.size(), {}) : "is no list";
      if (problem.empty() && !outline && row.numbers.size() != 5)
        problem = cat("has ", row.numbers.size(), " values; a box has 5");
      if (problem.empty() && outline && row.numbers.size() < 7)
        problem = "has 5 values; an outline has 7, 9, 11, ...";
      if (!problem.empty()) {
        bad(at, problem);
      } else {
        add_object(item, box_in(row.numbers, outline),
                   outline ? outline_in(row.numbers) : Outline());
      }
    }
  }

  void check_parts() {
    for (const auto& part : data_parts) {
      const bool needed = (part == "val" && parts_ != Parts::all) ||
                          (part == "train" && parts_ == Parts::train_and_val);
      if (needed && set_.part(part).empty())
        mistakes_.add_nothing_left(
            file_.string(), cat("has no picture with the split \"", part, "\""),
            "`lotse-runner dataset convert`, then `dataset split` make two parts of it.");
    }
  }

  fs::path file_;
  Parts parts_;
  task::Mistakes mistakes_;
  fs::path folder_;
  DataSet set_;
  PictureNames names_;
  Repeats repeats_;
  int64_t number_ = 0;  ///< of the line
};

}  // namespace

DataSet read_ndjson_set(const fs::path& file, bool skip_bad, Parts parts) {
  return NdjsonReader(file, skip_bad, parts).read();
}

}  // namespace lotse::runner::detect
