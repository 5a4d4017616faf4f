#include "cli/runner/start.h"

#include "base/strings.h"
#include "base/utf8.h"

namespace lotse::cli::runner {

void print_start(const char* mode, const lotse::runner::infer::EngineInfo& info, Output& output) {
  const auto text =
      base::cat(base::printable(info.source), ": ", info.architecture, ", head ", info.head, ", ",
                info.precision, " on ", info.device, info.fresh ? ", fresh weights" : "");
  output.print({"start",
                text,
                {{"mode", mode},
                 {"model", info.source},
                 {"architecture", info.architecture},
                 {"head", info.head},
                 {"precision", info.precision},
                 {"device", info.device}}});
}

}  // namespace lotse::cli::runner
