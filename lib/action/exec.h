#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "action/pods.h"

namespace lotse::action {

struct ExecOptions {
  PodChoice pod;
  std::string container = {};  ///< "": the first
  std::vector<std::string> command;
  bool terminal = false;
};

/// The descriptors of the user's side; exec closes none of them.
struct ExecEnds {
  int input = -1;  ///< -1: the command gets no input
  int output = 1;
  int error = 2;
  int resized = -1;  ///< becomes readable when the terminal has another size
  std::function<std::pair<int, int>()> size = {};  ///< columns and rows
};

/// Runs a command in a pod of the workload and returns its exit code. Throws Error(invalid) if it
/// cannot be started or the workload is local, Error(interrupted), and what choose_pod and the
/// server say.
int exec(Target& target, const std::string& name, const ExecOptions& options, const ExecEnds& ends);

}  // namespace lotse::action
