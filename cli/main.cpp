#include <cstdio>
#include <cstdlib>

#include "base/interrupt.h"
#include "base/output.h"
#include "cli/app/app.h"

int main(int argc, char** argv) {
  lotse::base::reserve_standard_streams();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  // The local supervisor has signals of its own.
  if (arguments.empty() || arguments[0] != "__supervise") lotse::base::install_interrupt_handlers();
  const int code = lotse::cli::run(arguments);
  // What is left are the destructors of libraries, which take longer than many a command.
  std::fflush(nullptr);
  std::_Exit(code);
}
