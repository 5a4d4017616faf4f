#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "cli/runner/save_folder.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/infer/open.h"
#include "runner/infer/sources.h"

namespace lotse::cli::runner {

namespace {

namespace fs = std::filesystem;
namespace infer = lotse::runner::infer;
namespace media = lotse::runner::media;
namespace task = lotse::runner::task;
using contract::InferOptions;

/// Carries one run: pictures in groups of `batch`, one line each.
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
      group({files.begin() + static_cast<int64_t>(at), end});
    }
    finish();
  }

 private:
  void group(const std::vector<fs::path>& files) {
    std::vector<fs::path> names;
    std::vector<media::Image> pictures;
    for (const auto& file : files) {
      try {
        pictures.push_back(media::read_image(file));
        names.push_back(file);
      } catch (const base::Error& error) {
        // The others can be used; the run still ends with exit code 2.
        bad_.push_back({"", error.what(), ""});
        output_.print({"warning", error.what(), {}});
      }
    }
    std::vector<const media::Image*> views;
    views.reserve(pictures.size());
    for (const auto& picture : pictures) views.push_back(&picture);
    const auto found = predictor_.predict(views);
    for (size_t i = 0; i < found.size(); ++i) one(names[i], pictures[i], found[i]);
  }

  void one(const fs::path& file, media::Image& picture, const task::PictureResult& result) {
    const auto results = predictor_.results();
    ++pictures_;
    found_ += result.found.size();
    output_.print({results,
                   task::line_for(file.filename().string(), picture, result),
                   {{"image", file.string()},
                    {"width", picture.width},
                    {"height", picture.height},
                    {results, result.found}}});
    if (saved_ == nullptr) return;
    result.draw(picture);
    save(file, picture);
  }

  void save(const fs::path& file, const media::Image& picture) {
    const auto& target = saved_->target(file);
    const auto ending = base::lower(target.extension().string());
    base::write_file_atomic(target, ending == ".png"    ? media::encode_png(picture)
                                    : ending == ".webp" ? media::encode_webp(picture)
                                                        : media::encode_jpeg(picture));
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

}  // namespace

int run_infer(const InferOptions& options, Output& output) {
  std::vector<std::string> sources;
  for (const auto& source : options.source)
    sources.push_back(contract::resolve_file(source).string());
  const auto files = infer::find_pictures(sources);
  std::optional<SaveFolder> saved;
  if (!options.save.empty())
    saved.emplace(contract::resolve_file(options.save), files, options.overwrite);
  lotse::runner::set_threads(options.threads);
  const auto [family, model] = infer::open_model(families(), options);
  contract::check_task(options, family.task());
  const auto predictor = family.make_predictor(*model, options);
  base::throw_if_interrupted();
  print_start("infer", model->info(), output);
  if (saved) saved->claim();
  Run(options, *predictor, saved ? &*saved : nullptr, output).all(files);
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
