#include "cli/runner/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <memory>

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

struct Files {
  std::string base;    ///< the folder of the volume
  std::string inside;  ///< the place in it
};

int copy(const Files& files, bool sends) {
  const auto lock = open_lock();
  ::flock(lock.get(), LOCK_SH);
  transfer::DescriptorPipe pipe(STDIN_FILENO, STDOUT_FILENO);
  const transfer::ProgressSink silent = [](const transfer::Progress&) {};
  if (sends)
    transfer::send(files.base, files.inside, pipe, silent);
  else
    transfer::receive(files.base, files.inside, pipe, silent);
  return contract::exit_done;
}

Command copy_command(const char* name, const char* help, bool sends) {
  auto files = std::make_shared<Files>();
  Command command{name, help, ""};
  Positional base;
  base.name = "base";
  base.help = "folder of the volume";
  base.set = [files](const std::string& given) { files->base = given; };
  Positional inside = base;
  inside.name = "path";
  inside.help = "place in it";
  inside.required = false;
  inside.set = [files](const std::string& given) { files->inside = given; };
  command.positionals = {base, inside};
  command.run = [files, sends] { return copy(*files, sends); };
  return command;
}

}  // namespace

Command files_command() {
  Command wait{"wait", "until nobody copies any more", ""};
  wait.run = wait_for_work;
  Command command{"files", "the far side of `lotse push` and `lotse fetch`", ""};
  command.subcommands = {copy_command("send", "what lies there, to standard output", true),
                         copy_command("receive", "from standard input", false), wait};
  return command;
}

}  // namespace lotse::cli::runner
