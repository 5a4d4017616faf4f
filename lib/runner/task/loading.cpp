#include "runner/task/loading.h"

#include "base/strings.h"

namespace lotse::runner::task {

std::pair<std::vector<size_t>, LeftOut> good_ones(
    const std::vector<std::optional<std::string>>& problems, bool skip_bad) {
  std::vector<size_t> good;
  Mistakes mistakes(skip_bad);
  for (size_t i = 0; i < problems.size(); ++i) {
    if (problems[i])
      mistakes.bad(Finding::picture, "", *problems[i]);
    else
      good.push_back(i);
  }
  if (good.empty() && !mistakes.left_out().empty())
    mistakes.add(
        "", "none of the pictures can be decoded; the first: " + mistakes.left_out().all[0].text());
  mistakes.check();
  return {std::move(good), mistakes.left_out()};
}

void warn(const Place& place, const std::vector<std::string>& notes, const LeftOut& left_out) {
  for (const auto& note : notes) place.emit({"warning", note, {}});
  if (!left_out.empty()) place.emit({"warning", left_out.warning(), {}});
}

contract::Event loaded(const std::string& file, int64_t transferred, int64_t tensors) {
  return {
      "loaded",
      base::cat("Weights: ", transferred, " of ", tensors, " tensors from ", base::printable(file),
                transferred < tensors ? "; the others, of other shapes, are fresh" : ""),
      {{"path", file}, {"transferred", transferred}, {"tensors", tensors}}};
}

nlohmann::json Training::identity() const {
  return {
      {"architecture", architecture}, {"names", names}, {"imgsz", imgsz}, {"pictures", pictures}};
}

std::string Training::describe() const {
  return base::cat(architecture, " (", names.size(), " classes) on ", pictures, " pictures at ",
                   imgsz, " px");
}

nlohmann::json Training::description() const {
  return {{"model", architecture},
          {"classes", names},
          {"train_pictures", pictures},
          {"val_pictures", validation_pictures}};
}

}  // namespace lotse::runner::task
