#pragma once
#include <string>
#include <vector>

#include "cli/tree/command.h"

namespace lotse::cli {

/// The completion script of a shell (bash, zsh, fish), written from the tree: command names, flags
/// and choices stand in it; names of workloads, contexts and templates are asked of
/// `lotse __complete WHAT` at the time.
std::string completion_script(const Command& root, const std::string& shell);

/// `lotse __complete workload|context|template -- WORDS`: one name a line, where the words, as they
/// stand behind `lotse`, say (--on, --namespace, --kubeconfig). Nothing on any failure: a prompt is
/// no place for messages.
std::vector<std::string> complete_names(const std::string& what,
                                        const std::vector<std::string>& words);

/// The flags of the template that `words`, as they stand behind `lotse`, name to `run`; none where
/// they name none.
std::vector<std::string> complete_flags(const std::vector<std::string>& words);

}  // namespace lotse::cli
