#pragma once
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lotse::base {

/// What to start.
struct Command {
  std::vector<std::string>
      arguments;  ///< the program (a path, or a name looked up in PATH), then its arguments
  std::map<std::string, std::string> environment;  ///< all of it; empty: this process's own
  std::filesystem::path working_folder;            ///< empty: ours
  int input = -1;                                  ///< descriptor for standard input; -1: ours
  int output = -1;                                 ///< descriptor for standard output; -1: ours
  int error = -1;                                  ///< descriptor for standard error; -1: ours
  bool new_session = false;                        ///< leads a session (and group) of its own
  bool die_with_parent = false;                    ///< SIGTERM when the parent ends (Linux)
};

/// How a process ended: its exit code, or 128 + the signal.
struct Ended {
  int code = 0;
  int signal = 0;  ///< 0 unless a signal ended it
};

/// A child process. The destructor does not end it.
class Process {
 public:
  /// Throws Error(failed) naming the program if it cannot be started.
  static Process start(const Command& command);

  pid_t id() const { return id_; }
  std::optional<Ended> poll();         ///< without waiting
  Ended wait();                        ///< waits for the end
  void send(int signal_number);        ///< to the process alone
  void send_group(int signal_number);  ///< to its whole group; for new_session processes

 private:
  explicit Process(pid_t id) : id_(id) {}
  pid_t id_;
  std::optional<Ended> ended_;
};

/// Our own environment as a map.
std::map<std::string, std::string> current_environment();

/// The folder in which this program lies.
std::filesystem::path program_folder();

}  // namespace lotse::base
