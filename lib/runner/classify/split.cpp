#include "runner/classify/split.h"

#include <utility>

#include "base/draft_folder.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/task/checked.h"
#include "runner/task/data_folder.h"

namespace lotse::runner::classify {

namespace fs = std::filesystem;
using base::cat;

namespace {

fs::path free_name(const fs::path& folder, const fs::path& name) {
  auto free = folder / name;
  for (int i = 2; fs::exists(free); ++i)
    free = folder / cat(name.stem().string(), "-", i, name.extension().string());
  return free;
}

void check_classes(const DataSet& set, const SplitPart& train) {
  for (size_t c = 0; c < set.names.size(); ++c)
    if (train.by_class[c] == 0)
      throw base::Error(
          {{"dataset split",
            cat("'train' would have no picture of the class '", base::printable(set.names[c]), "'"),
            "Take a smaller share of the others, --group-by none, or leave the class out."}});
}

}  // namespace

std::vector<SplitPart> split(const DataSet& set, const task::SplitRule& rule) {
  std::vector<task::Labelled> pictures;
  for (const auto& item : set.train) pictures.push_back({item.image, {item.class_id}});
  auto chosen = task::stratify(pictures, set.names.size(), rule);
  std::vector<SplitPart> parts;
  for (size_t p = 0; p < chosen.size(); ++p) {
    if (chosen[p].empty()) continue;
    SplitPart part{task::data_parts[p], std::move(chosen[p]),
                   std::vector<int64_t>(set.names.size())};
    for (const auto i : part.pictures) ++part.by_class[static_cast<size_t>(set.train[i].class_id)];
    parts.push_back(std::move(part));
  }
  check_classes(set, parts.front());
  return parts;
}

void write_split(const DataSet& set, const std::vector<SplitPart>& parts, const fs::path& folder,
                 const std::function<void(int64_t, int64_t)>& progress) {
  const auto wanted = task::free_place(folder);
  const base::DraftFolder made(wanted, "another `lotse-runner dataset split`");
  int64_t done = 0;
  for (const auto& part : parts) {
    for (const auto i : part.pictures) {
      base::throw_if_interrupted();
      const auto& item = set.train[i];
      const auto inner = made.path() / part.part / set.names[static_cast<size_t>(item.class_id)];
      fs::create_directories(inner);
      task::link_or_copy(item.image, free_name(inner, item.image.filename()));
      if (progress) progress(++done, static_cast<int64_t>(set.train.size()));
    }
  }
  made.become(wanted);
}

}  // namespace lotse::runner::classify
