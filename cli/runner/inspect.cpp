#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"

namespace lotse::cli::runner {

int run_inspect(const contract::InspectOptions& options, Output& output) {
  namespace task = lotse::runner::task;
  auto source = task::read_source(contract::resolve_file(options.model).string());
  const auto& family = task::family_of(families(), source);
  const auto described = family.inspect(std::move(source), static_cast<uint64_t>(options.seed));
  output.print_document(described.text, described.document);
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
