#include "runner/task/loading.h"

#include <mutex>

#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/media/threads.h"

namespace lotse::runner::task {

std::vector<std::optional<Finding>> bad_ones(
    int64_t count, int64_t threads, const std::function<void(int64_t)>& make,
    const std::function<void(int64_t, int64_t)>& progress) {
  std::vector<std::optional<Finding>> bad(static_cast<size_t>(count));
  std::mutex counting;
  int64_t done = 0;
  media::on_threads(count, threads, [&](int64_t i) {
    base::throw_if_interrupted();
    try {
      make(i);
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::invalid) throw;
      bad[static_cast<size_t>(i)] = finding_of(error);
    }
    const std::scoped_lock lock(counting);
    if (progress) progress(++done, count);
  });
  return bad;
}

std::pair<std::vector<size_t>, LeftOut> good_ones(
    const std::vector<std::optional<Finding>>& problems, bool skip_bad) {
  std::vector<size_t> good;
  Mistakes mistakes(skip_bad);
  for (size_t i = 0; i < problems.size(); ++i) {
    if (problems[i])
      mistakes.bad(problems[i]->kind, problems[i]->where, problems[i]->message);
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
