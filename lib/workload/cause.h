#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::workload {

using nlohmann::json;

/// Why something is not well, as a value: scripts read the code, people the rest.
struct Cause {
  std::string code;                  ///< of cause_kinds(); "": nothing is wrong
  std::vector<std::string> objects;  ///< "pod/NAME", ...: what has it
  std::string evidence;              ///< one line: what server, node or container said
  bool impossible = false;           ///< no waiting cures it

  explicit operator bool() const { return !code.empty(); }
};

/// A kind of cause. Its code is never renamed; docs/causes.md is written from these.
struct CauseKind {  // "NAME" in the advice stands for the workload's name
  std::string_view code, meaning, advice;
};

/// The first ones explain others: where several causes are there, the first of these is told first.
const std::vector<CauseKind>& cause_kinds();

/// The place of a code in cause_kinds(); behind all of them if it is none.
size_t rank_of(const Cause& cause);

/// Whether somebody else must act before it can go on: no node fits, what it names is not there, a
/// quota is used up. A queue is no block: it admits by itself.
bool blocks(const Cause& cause);

/// What to do about it, in the words of the workload's name.
std::string advice_for(const Cause& cause, const std::string& workload);

/// Puts the causes in order, equal ones (the same code and evidence) joined to one of all their
/// objects.
std::vector<Cause> ranked(const std::vector<Cause>& causes);

/// code, objects, evidence, advice, impossible.
json to_json(const Cause& cause, const std::string& workload);

}  // namespace lotse::workload
