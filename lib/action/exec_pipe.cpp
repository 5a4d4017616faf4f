#include "action/exec_pipe.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "contract/exit_code.h"

namespace lotse::action {

namespace {
constexpr std::size_t most_unsent = 4 << 20;
constexpr std::size_t most_kept = 1 << 20;
constexpr std::size_t most_errors = 16384;
constexpr std::chrono::milliseconds longest_wait{1000};
constexpr std::chrono::milliseconds no_wait{0};
}  // namespace

/// False once the command has ended.
bool ExecPipe::step(std::chrono::milliseconds longest) {
  base::throw_if_interrupted();
  if (ended_) return false;
  const kube::Exec::Sinks sinks{[this](std::string_view bytes) { output_ += bytes; },
                                [this](std::string_view bytes) {
                                  errors_ += bytes.substr(
                                      0, most_errors - std::min(most_errors, errors_.size()));
                                }};
  ended_ = !command_.step(sinks);
  std::vector<pollfd> none;
  if (!ended_ && taken_ == output_.size()) command_.wait(none, longest);
  return !ended_;
}

std::size_t ExecPipe::read(char* into, std::size_t room) {
  while (taken_ == output_.size()) {
    output_.clear();
    taken_ = 0;
    if (!step(longest_wait) && output_.empty()) {
      throw_if_it_failed();
      return 0;
    }
  }
  const auto count = output_.copy(into, room, taken_);
  taken_ += count;
  return count;
}

/// The program may end as soon as it has what is written here.
void ExecPipe::write(std::string_view bytes) {
  if (!ended_) {
    command_.write(bytes);
    while (step(command_.unsent() > most_unsent ? longest_wait : no_wait) &&
           command_.unsent() > most_unsent) {
    }
    if (!ended_ || command_.unsent() == 0) return;
  }
  throw_if_it_failed();
  throw base::Error(base::ErrorKind::failed, "the helper pod's program ended too early");
}

void ExecPipe::tend() {
  output_.erase(0, std::exchange(taken_, 0));
  if (output_.size() < most_kept) step(no_wait);
}

void ExecPipe::finish() {
  while (step(longest_wait)) {
    output_.clear();
    taken_ = 0;
  }
  throw_if_it_failed();
}

void ExecPipe::throw_if_it_failed() const {
  const int code = command_.exit_code();
  if (code == 0) return;
  auto text = base::trim(errors_);
  constexpr std::string_view prefix = "lotse-runner: ";
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  throw base::Error(
      code == contract::exit_invalid ? base::ErrorKind::invalid : base::ErrorKind::failed,
      "in the pod: " + (text.empty() ? base::cat("exit code ", code) : text));
}

}  // namespace lotse::action
