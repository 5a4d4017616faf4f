#pragma once
#include <chrono>

namespace lotse::base {

/// Whether the end of the terminal (SIGHUP) counts as an interruption too. nohup's wish is kept.
enum class Hangup { ends, interrupts };

/// Makes SIGINT and SIGTERM set a flag and wake whoever polls `interrupt_fd`, instead of ending the
/// process at once. A second SIGINT ends it. Call once, early in main.
void install_interrupt_handlers(Hangup hangup = Hangup::ends);

bool interrupted();           ///< a signal has come
int interrupt_signal();       ///< SIGINT, SIGTERM, SIGHUP, or 0
int interrupt_fd();           ///< becomes readable when a signal comes; -1 before installation
void throw_if_interrupted();  ///< throws Error(interrupted)

/// Forgets the signal that has come, so that cleaning up after an interruption can wait and talk to
/// servers again; the next signal counts again.
void forget_interrupt();

/// Waits for `duration` or a signal; true if a signal has come.
bool wait_interruptible(std::chrono::milliseconds duration);

}  // namespace lotse::base
