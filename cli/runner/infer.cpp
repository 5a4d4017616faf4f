#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/runner/answers.h"
#include "cli/runner/families.h"
#include "cli/runner/infer_shares.h"
#include "cli/runner/modes.h"
#include "cli/runner/save_folder.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/infer/open.h"
#include "runner/infer/results.h"
#include "runner/infer/sources.h"

namespace lotse::cli::runner {

namespace {

namespace fs = std::filesystem;
namespace infer = lotse::runner::infer;
namespace task = lotse::runner::task;
using contract::InferOptions;

/// Carries one run whose results are printed: pictures in groups of `batch`, one line each.
class Run {
 public:
  Run(const InferOptions& options, task::PicturePredictor& predictor, const SaveFolder* saved,
      Output& output)
      : options_(options), predictor_(predictor), saved_(saved), output_(output) {}

  void all(const std::vector<fs::path>& files) {
    const auto batch = static_cast<size_t>(options_.batch);
    for (size_t at = 0; at < files.size(); at += batch) {
      base::throw_if_interrupted();
      if (output_.failed() && saved_ == nullptr) return;  // nothing that it finds can be kept
      const auto end = files.begin() + static_cast<int64_t>(std::min(at + batch, files.size()));
      for (auto& answer : answers_for({files.begin() + static_cast<int64_t>(at), end}, predictor_))
        one(answer);
    }
    finish();
  }

 private:
  void one(Answer& answer) {
    if (!answer.error.empty()) {
      // The others can be used; the run still ends with exit code 2.
      bad_.push_back({"", answer.error, ""});
      return output_.print({"warning", answer.error, {}});
    }
    const auto results = predictor_.results();
    const auto& [file, picture, result, error] = answer;
    ++pictures_;
    found_ += result.found.size();
    output_.print({results,
                   task::line_for(file.filename().string(), picture, result),
                   {{"image", file.string()},
                    {"width", picture.width},
                    {"height", picture.height},
                    {results, result.found}}});
    if (saved_ == nullptr) return;
    const auto& target = save_annotated(answer, *saved_);
    output_.print({"saved",
                   "saved " + base::printable(target.string()),
                   {{"path", target.string()}, {"what", "annotated picture"}}});
  }

  void finish() {
    base::throw_if_any(bad_);
    output_.print(
        {"result", "", {{"images", pictures_}, {predictor_.results(), found_}, {"exit_code", 0}}});
  }

  const InferOptions& options_;
  task::PicturePredictor& predictor_;
  const SaveFolder* saved_;  ///< none: nothing is saved
  Output& output_;
  base::Diagnostics bad_;
  size_t pictures_ = 0;
  size_t found_ = 0;
};

std::vector<fs::path> pictures_of(const InferOptions& options) {
  std::vector<std::string> sources;
  for (const auto& source : options.source)
    sources.push_back(contract::resolve_file(source).string());
  return infer::find_pictures(sources);
}

std::optional<SaveFolder> save_folder(const InferOptions& options,
                                      const std::vector<fs::path>& files) {
  if (options.save.empty()) return {};
  return SaveFolder(contract::resolve_file(options.save), files, options.overwrite);
}

}  // namespace

int run_infer(const InferOptions& options, Output& output) {
  const auto worker = infer::worker_from_environment();
  auto results = results_of(options, worker);
  if (results)
    if (const auto before = results->done()) return tell(*before, results->file(), output);
  const bool goes_on = results && !results->pictures().empty();
  auto files = goes_on ? results->pictures() : pictures_of(options);
  auto saved = save_folder(options, files);
  lotse::runner::set_threads(options.threads);
  const auto [family, model] = infer::open_model(families(), options);
  contract::check_task(options, family.task());
  const auto predictor = family.make_predictor(*model, options);
  base::throw_if_interrupted();
  print_start("infer", model->info(), output);
  if (results) {
    results->claim(files);
    if (results->pictures() != files) saved = save_folder(options, results->pictures());
  }
  if (saved) saved->claim();
  const auto* folder = saved ? &*saved : nullptr;
  if (results) return infer_share(options, *predictor, *results, worker, folder, output);
  Run(options, *predictor, folder, output).all(files);
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
