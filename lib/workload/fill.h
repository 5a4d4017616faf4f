#pragma once
#include "object/member.h"
#include "object/reference.h"
#include "workload/state.h"

// Inside this room only: how the kinds of objects fill a State, and what they have in common.

namespace lotse::workload {

using object::at;
using object::condition;
using object::event_words;
using object::list_at;
using object::number_at;
using object::text_at;

bool is_true(const json& object, const char* type);
std::string reason_of(const json& object, const char* type);  ///< "Reason: message" of a condition

/// What decides a failed workload's exit code, of pods that ended differently.
std::optional<int> deciding_code(const std::vector<const PodState*>& pods);
/// "...failed with exit code 2 matching..." -> 2: a failed Job's own words.
std::optional<int> code_in(const std::string& message);
/// Adds the causes of the pods. A reason that every pod in trouble shares is told once; else the
/// one that explains the others, with its pod's name.
void fill_reason(const std::vector<const PodState*>& pods, State& state);

/// Makes `cause` the reason of the state; it is about the workload's object unless it says
/// otherwise.
void tell(Cause cause, State& state);

/// state.pods is filled already.
void fill_job(const json& job, const Snapshot& objects, State& state);
void fill_deployment(const json& deployment, const Snapshot& objects, State& state);
/// There is neither: what the anchor or the Events know of how it ended.
void fill_gone(const json* anchor, const Snapshot& objects, State& state);

/// The Job that the anchor's revision made, which may be gone.
std::string job_name_of(const json& anchor);
/// The ReplicaSet of the Deployment's present pod template; null if there is none yet.
const json* current_set(const json& deployment, const Snapshot& objects);

}  // namespace lotse::workload
