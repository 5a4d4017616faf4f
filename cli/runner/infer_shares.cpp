#include "cli/runner/infer_shares.h"

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/runner/answers.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/task/progress.h"

namespace lotse::cli::runner {

namespace {

namespace fs = std::filesystem;
namespace infer = lotse::runner::infer;
namespace task = lotse::runner::task;
using base::cat;
using base::Error;
using base::ErrorKind;
using contract::InferOptions;
using nlohmann::json;
using Line = nlohmann::ordered_json;

/// What has to be the same at each start of a run, so that its parts fit together.
json how_of(const InferOptions& options) {
  json how = contract::options_to_json(options);
  for (const char* free : {"overwrite", "threads"}) how.erase(free);
  const auto model = contract::resolve_file(options.model);
  if (fs::is_regular_file(model))
    how["model_file"] = {{"bytes", fs::file_size(model)},
                         {"modified", fs::last_write_time(model).time_since_epoch().count()}};
  return how;
}

Line line_of(int64_t index, const Answer& answer, const std::string& results) {
  Line line = {{"index", index}, {"image", answer.file.string()}};
  if (!answer.error.empty()) {
    line["error"] = answer.error;
    return line;
  }
  line["width"] = answer.picture.width;
  line["height"] = answer.picture.height;
  line[results] = answer.result.found;
  return line;
}

[[noreturn]] void stop(int64_t left) {
  throw Error(ErrorKind::stopped,
              cat("stopped, ", left, " pictures before the end; the same run goes on from there"));
}

}  // namespace

std::optional<infer::Results> results_of(const InferOptions& options, const infer::Worker& worker) {
  if (options.output.empty()) {
    if (worker.count == 1) return {};
    throw Error({{"output", "is needed where workers share the pictures", "Name a folder."}});
  }
  const auto folder = contract::resolve_file(options.output);
  if (!options.save.empty() && fs::weakly_canonical(folder / "") ==
                                   fs::weakly_canonical(contract::resolve_file(options.save) / ""))
    throw Error(
        {{"save", "is the folder of --output, too", "Name another one, such as one in it."}});
  return infer::Results(folder, how_of(options), worker, options.overwrite);
}

int tell(const infer::Tally& tally, const fs::path& file, Output& output) {
  const auto name = base::printable(file.string());
  if (tally.unreadable > 0)
    throw Error(ErrorKind::invalid,
                cat(tally.unreadable, " of ", tally.pictures, " pictures could not be read"),
                cat(name, " has a line for each: `error` says why."));
  output.print({"result",
                cat(name, " is complete: ", tally.pictures, " pictures"),
                {{"path", file.string()},
                 {"images", tally.pictures},
                 {"found", tally.found},
                 {"exit_code", contract::exit_done}}});
  return contract::exit_done;
}

int infer_share(const InferOptions& options, task::PicturePredictor& predictor,
                const infer::Results& results, const infer::Worker& worker, const SaveFolder* saved,
                Output& output) {
  const auto share = results.share(options.batch);
  const auto part = results.open_part(options.batch);
  const task::Emit emit = [&](contract::Event event) {
    if (worker.count > 1) {
      event.fields["workers"] = worker.count;
      event.fields["all"] = results.pictures().size();
    }
    output.print(event);
  };
  task::Progress progress(
      emit, worker.count == 1 ? "infer" : cat("share ", worker.index + 1, "/", worker.count),
      "pictures");
  const auto done = [&] { return part->next() - share.first; };
  progress.begin_at(done());
  if (share.size() > 0) progress.at(done(), share.size());
  while (part->next() < share.end) {
    if (base::interrupted()) stop(share.end - part->next());
    const auto first = part->next();
    const auto end = std::min(first + options.batch, share.end);
    auto answers = answers_for(
        {results.pictures().begin() + first, results.pictures().begin() + end}, predictor);
    std::vector<Line> lines;
    for (auto& answer : answers) {
      if (!answer.error.empty()) output.print({"warning", answer.error, {}});
      lines.push_back(line_of(first + std::ssize(lines), answer, predictor.results()));
      if (saved != nullptr && answer.error.empty()) save_annotated(answer, *saved);
    }
    part->append(lines);
    progress.at(done(), share.size());
  }
  part->flush();
  if (const auto all = results.join(options.batch)) return tell(*all, results.file(), output);
  output.print({"result",
                cat("share ", worker.index + 1, " of ", worker.count,
                    " is complete: ", share.size(), " pictures; who ends last joins all"),
                {{"images", share.size()}, {"exit_code", contract::exit_done}}});
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
