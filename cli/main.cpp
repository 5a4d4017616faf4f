#include "base/interrupt.h"
#include "cli/app/app.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  // The local supervisor has signals of its own.
  if (arguments.empty() || arguments[0] != "__supervise") lotse::base::install_interrupt_handlers();
  return lotse::cli::run(arguments);
}
