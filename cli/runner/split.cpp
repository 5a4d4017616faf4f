#include "runner/detect/split.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/data.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"
#include "runner/classify/split.h"
#include "runner/task/progress.h"

namespace lotse::cli::runner {

namespace {

namespace classify = lotse::runner::classify;
namespace detect = lotse::runner::detect;
namespace task = lotse::runner::task;
using base::cat;
using nlohmann::json;

std::string cell_of(const detect::SplitPart& part, size_t c) {
  return cat(part.with_object[c], " (", part.objects[c], ")");
}

std::string cell_of(const classify::SplitPart& part, size_t c) {
  return cat(part.by_class[c]);
}

/// A column for each part, a row for each class.
template <class Part>
std::string table(const std::vector<Part>& parts, const std::vector<std::string>& names) {
  size_t widest = 8;
  for (const auto& name : names) widest = std::max(widest, base::printable(name).size());
  std::ostringstream out;
  const auto cell = [&](const auto& value) { out << std::right << std::setw(18) << value; };
  const auto begin = [&](const std::string& name) {
    out << std::left << std::setw(static_cast<int>(widest)) << name;
  };
  begin("CLASS");
  for (const auto& part : parts) cell(base::upper(part.part));
  out << "\n";
  begin("pictures");
  for (const auto& part : parts) cell(part.pictures.size());
  out << "\n";
  for (size_t c = 0; c < names.size(); ++c) {
    begin(base::printable(names[c]));
    for (const auto& part : parts) cell(cell_of(part, c));
    out << "\n";
  }
  return out.str();
}

json to_json(const detect::SplitPart& part, const std::vector<std::string>& names) {
  json classes = json::array();
  for (size_t c = 0; c < names.size(); ++c)
    classes.push_back(
        {{"name", names[c]}, {"objects", part.objects[c]}, {"pictures", part.with_object[c]}});
  return {{"pictures", part.pictures.size()}, {"classes", classes}};
}

json to_json(const classify::SplitPart& part, const std::vector<std::string>& names) {
  json classes = json::array();
  for (size_t c = 0; c < names.size(); ++c)
    classes.push_back({{"name", names[c]}, {"pictures", part.by_class[c]}});
  return {{"pictures", part.pictures.size()}, {"classes", classes}};
}

/// What was read and left out, and what was made of it.
template <class Set, class Part>
void tell(const Set& set, const std::vector<Part>& parts, const std::string& made,
          const std::string& legend, Output& output) {
  for (const auto& note : set.notes) output.print({"warning", note, {}});
  if (!set.left_out.empty()) output.print({"warning", set.left_out.warning(), {}});
  json fields = {{"data", made}, {"left_out", set.left_out.all.size()}};
  for (const auto& part : parts) fields[part.part] = to_json(part, set.names);
  output.print(
      {"result", cat(table(parts, set.names), legend, "Wrote ", base::printable(made)), fields});
}

task::SplitRule rule_of(const contract::SplitOptions& options) {
  return {options.val, options.test, static_cast<uint64_t>(options.seed), options.group_by};
}

int split_classes(const contract::SplitOptions& options, const std::filesystem::path& data,
                  Output& output) {
  if (options.overwrite)
    throw base::Error({{"--overwrite", "is for lists of pictures; a folder a class is made anew",
                        "Name a new or empty folder."}});
  const auto set = classify::read_unsplit(data, options.skip_bad);
  const auto parts = classify::split(set, rule_of(options));
  const auto folder = contract::resolve_file(options.output);
  {
    const task::Emit emit = [&](const contract::Event& event) { output.print(event); };
    task::Progress progress(emit, "split", "pictures");
    classify::write_split(set, parts, folder,
                          [&](int64_t done, int64_t total) { progress.at(done, total); });
  }
  tell(set, parts, folder.string(), "", output);
  return 0;
}

}  // namespace

int run_split(const contract::SplitOptions& options, Output& output) {
  if (options.val + options.test > 0.995 || options.val + options.test <= 0)
    throw base::Error({{"--val and --test", "together must be above 0 and below 1", ""}});
  const auto data = contract::resolve_file(options.data);
  if (is_folder_a_class(data)) return split_classes(options, data, output);
  const auto set = detect::read_data_set(data, options.skip_bad, detect::Parts::all);
  if (!set.label_files)
    throw base::Error({{base::printable(data.string()), "has all labels in one file",
                        "`lotse-runner dataset convert` makes a data set with label files of it, "
                        "whose pictures are hard links; then split that."}});
  const auto items = detect::all_pictures(set);
  const auto parts = detect::split(items, set.names.size(), rule_of(options));
  const auto folder = contract::resolve_file(options.output);
  detect::write_split(items, set, parts, folder, options.overwrite);
  tell(set, parts, (folder / "data.yaml").string(),
       "Pictures with an object of the class, and in brackets the objects.\n", output);
  return 0;
}

}  // namespace lotse::cli::runner
