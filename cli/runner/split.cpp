#include "runner/detect/split.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"

namespace lotse::cli::runner {

namespace {

namespace detect = lotse::runner::detect;
using base::cat;
using nlohmann::json;

/// Objects of each class in each part, and in how many pictures they are.
std::string table(const std::vector<detect::SplitPart>& parts,
                  const std::vector<std::string>& names) {
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
    for (const auto& part : parts) cell(cat(part.with_object[c], " (", part.objects[c], ")"));
    out << "\n";
  }
  out << "Pictures with an object of the class, and in brackets the objects.\n";
  return out.str();
}

json to_json(const detect::SplitPart& part, const std::vector<std::string>& names) {
  json classes = json::array();
  for (size_t c = 0; c < names.size(); ++c)
    classes.push_back(
        {{"name", names[c]}, {"objects", part.objects[c]}, {"pictures", part.with_object[c]}});
  return {{"pictures", part.pictures.size()}, {"classes", classes}};
}

}  // namespace

int run_split(const contract::SplitOptions& options, Output& output) {
  if (options.val + options.test > 0.995 || options.val + options.test <= 0)
    throw base::Error({{"--val and --test", "together must be above 0 and below 1", ""}});
  const auto data = contract::resolve_file(options.data);
  const auto set = detect::read_data_set(data, options.skip_bad, detect::Parts::all);
  if (!set.label_files)
    throw base::Error({{base::printable(data.string()), "has all labels in one file",
                        "`lotse-runner dataset convert` makes a data set with label files of it, "
                        "whose pictures are hard links; then split that."}});
  const auto items = detect::all_pictures(set);
  const auto parts = detect::split(
      items, set.names.size(),
      {options.val, options.test, static_cast<uint64_t>(options.seed), options.group_by});
  const auto folder = contract::resolve_file(options.output);
  detect::write_split(items, set, parts, folder, options.overwrite);
  for (const auto& note : set.notes) output.print({"warning", note, {}});
  if (!set.left_out.empty()) output.print({"warning", set.left_out.warning(), {}});
  const auto yaml = (folder / "data.yaml").string();
  json fields = {{"data", yaml}, {"left_out", set.left_out.all.size()}};
  for (const auto& part : parts) fields[part.part] = to_json(part, set.names);
  output.print({"result", cat(table(parts, set.names), "Wrote ", base::printable(yaml)), fields});
  return 0;
}

}  // namespace lotse::cli::runner
