#include "runner/detect/convert.h"

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"
#include "runner/detect/coco_set.h"
#include "runner/task/progress.h"

namespace lotse::cli::runner {

namespace {

namespace detect = lotse::runner::detect;
namespace task = lotse::runner::task;
using contract::ConvertOptions;

/// Two files of COCO's, each with the folder of its pictures.
detect::DataSet read_files(const ConvertOptions& options) {
  detect::DataSet set;
  task::Mistakes mistakes(options.skip_bad);
  const auto read = [&](const std::string& file, const std::string& images) {
    if (file.empty()) return std::vector<detect::Item>();
    return detect::read_coco({contract::resolve_file(file), contract::resolve_file(images)},
                             set.names, set.notes, mistakes);
  };
  set.train = read(options.train, options.train_images);
  set.val = read(options.val, options.val_images);
  mistakes.check();
  set.left_out = mistakes.left_out();
  return set;
}

detect::DataSet read(const ConvertOptions& options) {
  const bool files = !options.train.empty() || !options.val.empty();
  if (files == !options.data.empty())
    throw base::Error({{"--data", "or --train and --val are required, not both", ""}});
  if (files) return read_files(options);
  return detect::read_data_set(contract::resolve_file(options.data), options.skip_bad,
                               detect::Parts::all);
}

}  // namespace

int run_convert(const ConvertOptions& options, Output& output) {
  const task::Emit emit = [&](const contract::Event& event) { output.print(event); };
  const auto folder = contract::resolve_file(options.output);
  const auto set = read(options);
  const auto converted = [&] {
    task::Progress progress(emit, "convert", "pictures");
    return detect::convert(set, folder,
                           [&](int64_t done, int64_t total) { progress.at(done, total); });
  }();
  for (const auto& note : set.notes) output.print({"warning", note, {}});
  if (!set.left_out.empty()) output.print({"warning", set.left_out.warning(), {}});
  const auto yaml = (folder / "data.yaml").string();
  output.print({"result",
                base::cat("Wrote ", converted.pictures, " pictures with ", converted.objects,
                          " objects: ", base::printable(yaml)),
                {{"data", yaml},
                 {"pictures", converted.pictures},
                 {"objects", converted.objects},
                 {"left_out", set.left_out.all.size()}}});
  return 0;
}

}  // namespace lotse::cli::runner
