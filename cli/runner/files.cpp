#include "cli/runner/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>

#include "base/interrupt.h"
#include "contract/exit_code.h"
#include "transfer/folder.h"
#include "transfer/transfer.h"

namespace lotse::cli::runner {

namespace {

using transfer::Descriptor;

/// Held by those that copy, so that `wait` sees them.
Descriptor open_lock() {
  const auto file = std::filesystem::temp_directory_path() / "lotse-files.lock";
  return Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
}

int wait_for_work() {
  constexpr std::chrono::seconds between{2};
  constexpr std::chrono::seconds patience{30};
  const auto lock = open_lock();
  std::chrono::seconds idle{0};
  while (idle < patience && !base::wait_interruptible(between)) {
    const bool nobody = ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
    if (nobody) ::flock(lock.get(), LOCK_UN);
    idle = nobody ? idle + between : std::chrono::seconds(0);
  }
  return contract::exit_done;
}

void add_copy(CLI::App& parent, Files& files, const char* name, const char* help) {
  CLI::App* mode = parent.add_subcommand(name, help);
  mode->add_option("base", files.base, "folder of the volume")->required();
  mode->add_option("path", files.inside, "place in it");
  mode->callback([&files, name] { files.mode = name; });
}

}  // namespace

void add_files(CLI::App& app, Files& files) {
  CLI::App* parent = app.add_subcommand("files", "the far side of `lotse push` and `lotse fetch`");
  parent->require_subcommand(1);
  add_copy(*parent, files, "send", "what lies there, to standard output");
  add_copy(*parent, files, "receive", "from standard input");
  parent->add_subcommand("wait", "until nobody copies any more")->callback([&files] {
    files.mode = "wait";
  });
}

int run_files(const Files& files) {
  if (files.mode == "wait") return wait_for_work();
  const auto lock = open_lock();
  ::flock(lock.get(), LOCK_SH);
  transfer::DescriptorPipe pipe(STDIN_FILENO, STDOUT_FILENO);
  const transfer::ProgressSink silent = [](const transfer::Progress&) {};
  if (files.mode == "send")
    transfer::send(files.base, files.inside, pipe, silent);
  else
    transfer::receive(files.base, files.inside, pipe, silent);
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
