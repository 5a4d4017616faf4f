#include "base/strings.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"
#include "runner/detect/coco_set.h"
#include "runner/task/progress.h"

namespace lotse::cli::runner {

int run_convert(const contract::ConvertOptions& options, Output& output) {
  namespace detect = lotse::runner::detect;
  namespace task = lotse::runner::task;
  const task::Emit emit = [&](const contract::Event& event) { output.print(event); };
  const auto folder = contract::resolve_file(options.output);
  const auto part = [](const char* name, const std::string& file, const std::string& pictures) {
    return detect::CocoPart{name, contract::resolve_file(file), contract::resolve_file(pictures)};
  };
  const auto converted = [&] {
    task::Progress progress(emit, "convert", "pictures");
    return detect::convert_coco({part("train", options.train, options.train_images),
                                 part("val", options.val, options.val_images)},
                                folder, options.skip_bad,
                                [&](int64_t done, int64_t total) { progress.at(done, total); });
  }();
  if (!converted.left_out.empty()) output.print({"warning", converted.left_out.warning(), {}});
  if (converted.crowds > 0)
    output.print({"warning",
                  base::cat(converted.crowds, " annotations mark crowds, which are no objects"),
                  {}});
  const auto yaml = (folder / "data.yaml").string();
  output.print({"result",
                base::cat("Wrote ", converted.pictures, " pictures with ", converted.objects,
                          " objects: ", base::printable(yaml)),
                {{"data", yaml},
                 {"pictures", converted.pictures},
                 {"objects", converted.objects},
                 {"crowds", converted.crowds},
                 {"left_out", converted.left_out.all.size()}}});
  return 0;
}

}  // namespace lotse::cli::runner
