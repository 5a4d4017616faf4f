#include "runner/detect/check.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/strings.h"
#include "cli/runner/data.h"
#include "cli/runner/modes.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/classify/check.h"
#include "runner/device.h"
#include "runner/task/progress.h"

namespace lotse::cli::runner {

namespace {

namespace classify = lotse::runner::classify;
namespace detect = lotse::runner::detect;
namespace task = lotse::runner::task;
using base::cat;
using nlohmann::json;

const char* name_of(task::Finding::Kind kind) {
  if (kind == task::Finding::row) return "row";
  return kind == task::Finding::picture ? "picture" : "entry";
}

void print(const task::Finding& finding, Output& output) {
  output.print({"finding",
                cat(finding.text(), " (--skip-bad: without this ", name_of(finding.kind), ")"),
                {{"where", finding.where},
                 {"problem", finding.message},
                 {"left_out", name_of(finding.kind)}}});
}

/// "train: 296 pictures, 47 objects: 12 cat, 35 dog"
std::string in_words(const task::PartCount& part, const task::Checked& checked) {
  const auto& names = checked.names;
  constexpr size_t most = 20;  // of classes; -o json has all
  std::vector<std::string> classes;
  for (size_t c = 0; c < names.size() && c < most; ++c)
    classes.push_back(cat(part.by_class[c], " ", base::printable(names[c])));
  if (names.size() > most) classes.push_back(cat("... of ", names.size(), " classes"));
  return cat(
      part.part, ": ", part.pictures, " pictures",
      part.without_label_file > 0 ? cat(", ", part.without_label_file, " without a label file")
                                  : "",
      checked.objects ? cat(", ", part.objects, " objects: ") : ": ", base::join(classes, ", "));
}

/// A part that training needs and does not find, or "".
std::string missing_part(const task::Checked& checked) {
  for (const auto* needed : {"train", "val"})
    if (std::none_of(checked.parts.begin(), checked.parts.end(),
                     [&](const task::PartCount& part) { return part.part == needed; }))
      return needed;
  return "";
}

/// The problems that many findings share, the most frequent first: one wrong class of a data set
/// can be thousands of lines.
std::vector<std::string> frequent(const task::LeftOut& left_out) {
  constexpr int64_t many = 10;
  constexpr size_t most = 5;
  std::map<std::string, int64_t> counts;
  for (const auto& finding : left_out.all) ++counts[finding.message];
  std::multimap<int64_t, std::string, std::greater<>> shared;
  for (const auto& [message, count] : counts)
    if (count >= many) shared.emplace(count, message);
  std::vector<std::string> lines;
  for (const auto& [count, message] : shared)
    if (lines.size() < most) lines.push_back(cat(count, " times: ", base::printable(message)));
  return lines;
}

json to_json(const task::PartCount& part, const task::Checked& checked) {
  json classes = json::array();
  const auto* counted = checked.objects ? "objects" : "pictures";
  for (size_t c = 0; c < checked.names.size(); ++c)
    classes.push_back({{"name", checked.names[c]}, {counted, part.by_class[c]}});
  if (!checked.objects) return {{"pictures", part.pictures}, {"classes", classes}};
  return {{"pictures", part.pictures},
          {"objects", part.objects},
          {"without_label_file", part.without_label_file},
          {"classes", classes}};
}

}  // namespace

int run_check(const contract::CheckOptions& options, Output& output) {
  const task::Emit emit = [&](const contract::Event& event) { output.print(event); };
  const auto checked = [&] {
    task::Progress progress(emit, "check", "pictures");
    const auto data = contract::resolve_file(options.data);
    const auto& check = is_folder_a_class(data) ? classify::check : detect::check;
    return check(data, lotse::runner::set_threads(options.threads),
                 [&](int64_t done, int64_t total) { progress.at(done, total); });
  }();
  for (const auto& finding : checked.left_out.all) print(finding, output);
  for (const auto& note : checked.notes) output.print({"warning", note, {}});
  json fields = {{"findings", checked.left_out.all.size()}};
  auto lines = frequent(checked.left_out);
  for (const auto& part : checked.parts) {
    lines.push_back(in_words(part, checked));
    fields[part.part] = to_json(part, checked);
  }
  const auto missing = missing_part(checked);
  const bool clean = checked.left_out.empty() && missing.empty();
  if (!missing.empty())
    lines.push_back(cat("Training refuses it: it has no part '", missing,
                        "'. `lotse-runner dataset split` makes the parts."));
  else
    lines.push_back(clean ? "Nothing is wrong with it."
                          : cat("Training refuses it as it is; with --skip-bad it goes on without ",
                                checked.left_out.in_words(), "."));
  output.print({"result", base::join(lines, "\n"), fields});
  return clean ? contract::exit_done : contract::exit_failed;
}

}  // namespace lotse::cli::runner
