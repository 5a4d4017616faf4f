#include "runner/detect/shapes.h"
#include "base/strings.h"
#include "cli/runner/modes.h"
#include "contract/file_reference.h"
#include "runner/device.h"

namespace lotse::cli::runner {

int run_shapes(const contract::ShapesOptions& options, Output& output) {
  namespace detect = lotse::runner::detect;
  const bool yolo = options.layout == "yolo";
  const auto folder = contract::resolve_file(options.folder);
  const auto count = detect::write_shapes(
      folder, static_cast<uint64_t>(options.seed), options.train_images, options.val_images,
      static_cast<int>(options.imgsz),
      [&](int64_t done, int64_t total) {
        if (done % 50 != 0 && done != total) return;
        output.print({"progress",
                      base::cat("drawing ", done, "/", total),
                      {{"phase", "draw"}, {"done", done}, {"total", total}, {"unit", "pictures"}}});
      },
      lotse::runner::set_threads(0),
      yolo ? detect::ShapesLayout::yolo : detect::ShapesLayout::classes);
  const auto data = (yolo ? folder / "data.yaml" : folder).string();
  output.print({"result",
                base::cat("Wrote ", count.pictures, " pictures with ", count.objects,
                          " objects: ", base::printable(data)),
                {{"data", data}, {"pictures", count.pictures}, {"objects", count.objects}}});
  return 0;
}

}  // namespace lotse::cli::runner
