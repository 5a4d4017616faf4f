#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace lotse::base {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> environment_lines(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  return lines;
}

/// In the child between fork and exec: only async-signal-safe calls. Returns only on failure.
void become(const Command& command, char** arguments, char** environment) {
  if (command.new_session) ::setsid();
  if (command.die_with_parent) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (command.input >= 0 && ::dup2(command.input, STDIN_FILENO) < 0) return;
  if (command.output >= 0 && ::dup2(command.output, STDOUT_FILENO) < 0) return;
  if (command.error >= 0 && ::dup2(command.error, STDERR_FILENO) < 0) return;
  if (!command.working_folder.empty() && ::chdir(command.working_folder.c_str()) != 0) return;
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvpe(arguments[0], arguments, environment);
}

Ended ended_from(int status) {
  if (WIFSIGNALED(status)) return {128 + WTERMSIG(status), WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

}  // namespace

Process Process::start(const Command& command) {
  auto arguments = command.arguments;
  auto environment =
      environment_lines(command.environment.empty() ? current_environment() : command.environment);
  auto argument_pointers = pointers(arguments);
  auto environment_pointers = pointers(environment);
  int failure[2];  // closed by a successful exec; carries errno otherwise
  if (::pipe2(failure, O_CLOEXEC) != 0)
    throw Error(ErrorKind::failed, std::string("pipe: ") + std::strerror(errno));
  const pid_t id = ::fork();
  if (id == 0) {
    become(command, argument_pointers.data(), environment_pointers.data());
    const int code = errno;
    [[maybe_unused]] const ssize_t ignored = ::write(failure[1], &code, sizeof code);
    ::_exit(127);
  }
  const int fork_errno = errno;
  ::close(failure[1]);
  int code = id < 0 ? fork_errno : 0;
  const ssize_t count = id < 0 ? 0 : ::read(failure[0], &code, sizeof code);
  ::close(failure[0]);
  if (id > 0 && count == sizeof code) ::waitpid(id, nullptr, 0);
  if (code != 0)
    throw Error(ErrorKind::failed,
                "cannot start " + command.arguments.at(0) + ": " + std::strerror(code));
  return Process(id);
}

std::optional<Ended> Process::poll() {
  int status = 0;
  if (!ended_ && ::waitpid(id_, &status, WNOHANG) == id_) ended_ = ended_from(status);
  return ended_;
}

Ended Process::wait() {
  int status = 0;
  while (!ended_) {
    if (::waitpid(id_, &status, 0) == id_)
      ended_ = ended_from(status);
    else if (errno != EINTR)
      throw Error(ErrorKind::failed, std::string("waitpid: ") + std::strerror(errno));
  }
  return *ended_;
}

void Process::send(int signal_number) {
  if (!poll()) ::kill(id_, signal_number);
}

void Process::send_group(int signal_number) {
  ::kill(-id_, signal_number);
}

std::map<std::string, std::string> current_environment() {
  std::map<std::string, std::string> result;
  for (char** line = environ; *line != nullptr; ++line) {
    const std::string text = *line;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) result[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return result;
}

std::filesystem::path program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace lotse::base
