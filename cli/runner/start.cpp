#include "cli/runner/start.h"

#include "base/strings.h"

namespace lotse::cli::runner {

void print_start(const char* mode, const lotse::runner::infer::EngineInfo& info, Output& output) {
  const auto text =
      base::cat(info.source, ": ", info.architecture, ", head ", info.head, ", ", info.precision,
                " on ", info.device, info.fresh ? ", fresh weights" : "");
  output.print({"start",
                text,
                {{"mode", mode},
                 {"model", info.source},
                 {"architecture", info.architecture},
                 {"head", info.head},
                 {"precision", info.precision},
                 {"device", info.device}}});
  print_dropped(info, output);
}

void print_dropped(const lotse::runner::infer::EngineInfo& info, Output& output) {
  if (info.dropped.empty()) return;
  output.print({"warning",
                base::cat(info.source, " also gives ", info.dropped,
                          ", which are dropped: only boxes are found"),
                {{"dropped", info.dropped}}});
}

}  // namespace lotse::cli::runner
