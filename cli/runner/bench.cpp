#include "base/strings.h"
#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/infer/open.h"
#include "runner/infer/timing.h"

namespace lotse::cli::runner {

namespace {

namespace infer = lotse::runner::infer;
namespace media = lotse::runner::media;
using contract::BenchOptions;

media::Image picture(const BenchOptions& options) {
  if (options.source.empty()) return media::blank(640, 480, 114);
  return media::read_image(contract::resolve_file(options.source));
}

void print(const BenchOptions& options, const std::pair<int, int>& canvas,
           const infer::Timings& took, int64_t threads, Output& output) {
  const auto [width, height] = canvas;
  const auto milliseconds = [](double value) { return base::fixed(value, 1) + " ms"; };
  output.print(
      {"result",
       base::cat(width, "x", height, ", batch ", options.batch, ", ", threads, " threads, ",
                 options.repeats, " predictions after ", options.warmup, ": median ",
                 milliseconds(took.wall.median), ", p90 ", milliseconds(took.wall.p90),
                 ", fastest ", milliseconds(took.wall.fastest), "; of the processors' time ",
                 milliseconds(took.processor.median)),
       {{"width", width},
        {"height", height},
        {"batch", options.batch},
        {"threads", threads},
        {"repeats", options.repeats},
        {"median_ms", took.wall.median},
        {"p90_ms", took.wall.p90},
        {"fastest_ms", took.wall.fastest},
        {"processor_ms", took.processor.median}}});
}

}  // namespace

int run_bench(const BenchOptions& options, Output& output) {
  const auto source = picture(options);
  const auto threads = lotse::runner::set_threads(options.threads);
  const auto [family, model] = infer::open_model(families(), options);
  contract::check_task(options, family.task());
  print_start("bench", model->info(), output);
  const contract::InferOptions as_standard;
  const auto predictor = family.make_predictor(*model, as_standard);
  const std::vector<const media::Image*> batch(static_cast<size_t>(options.batch), &source);
  const auto took = infer::time_predictions(*predictor, batch, options.warmup, options.repeats);
  print(options, predictor->canvas(source), took, threads, output);
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
