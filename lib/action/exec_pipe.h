#pragma once
#include "kube/exec.h"
#include "transfer/pipe.h"

namespace lotse::action {

/// Makes a Pipe of the streams of a command in a container. What the command writes to its standard
/// error is kept for the error that is thrown if it fails.
class ExecPipe : public transfer::Pipe {
 public:
  explicit ExecPipe(kube::Exec& command) : command_(command) {}

  std::size_t read(char* into, std::size_t room) override;
  void write(std::string_view bytes) override;
  /// Keeps the connection alive while neither reads nor writes happen for long.
  void tend();
  /// Waits for the command's end. Throws what it says as Error(invalid) for exit code 2, else
  /// Error(failed).
  void finish();

 private:
  bool step(std::chrono::milliseconds longest_wait);
  void throw_if_it_failed() const;

  kube::Exec& command_;
  std::string output_;
  std::size_t taken_ = 0;  // how many bytes of output_ have been read
  std::string errors_;
  bool ended_ = false;
};

}  // namespace lotse::action
