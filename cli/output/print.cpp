#include "cli/output/print.h"

#include <cstdlib>

#include "base/output.h"

namespace lotse::cli {

void print(const std::string& text) {
  if (!base::write_output(text)) std::_Exit(EXIT_SUCCESS);
}

}  // namespace lotse::cli
