#pragma once
#include "action/submit.h"
#include "release/diff.h"

namespace lotse::action {

/// Deletes a workload. Throws Error(not_found) with the closest name as the hint.
Removal remove(Target& target, const std::string& name, bool purge_data);

/// What `remove` would delete, from what is there; nothing is deleted. Throws as it does.
Removal preview_removal(Target& target, const std::string& name, bool purge_data);

/// The Deployment of a served workload. Throws Error(invalid) for a Job.
json deployment_of(Target& target, const std::string& name);

/// Restarts a served workload pod by pod: new pods take over as they become ready. Returns the
/// restarted object, "deployment/NAME". Throws as deployment_of does.
std::string restart(Target& target, const std::string& name);

/// An earlier revision to be applied again: `number`, or, for 0, the one before the current one; a
/// rollback that was interrupted is gone on with. Throws Error(invalid) if there is none.
Prepared rollback(Target& target, const std::string& name, int64_t number);

/// The current revision with another number of replicas. Throws Error(invalid) for a Job, and where
/// a schedule sets the number.
Prepared scale(Target& target, const std::string& name, int64_t replicas);

/// The current revision whose autoscaler keeps at least so many pods. Throws Error(invalid) where
/// there is no autoscaler, where that is more than its most, and where a schedule sets the number.
Prepared scale_least(Target& target, const std::string& name, int64_t least);

/// The current revision of a run, to be run again. Throws Error(invalid) for a service.
Prepared rerun(Target& target, const std::string& name);

/// What pauses a workload, or ends its pause: a service without pods, a Job that is suspended,
/// whose pods save a checkpoint and end. It makes no revision. Throws Error(invalid)
/// where that cannot be: a run that has ended, or one that a queue suspends and admits.
Change pause(Target& target, const std::string& name, const SubmitOptions& options);
Change resume(Target& target, const std::string& name, const SubmitOptions& options);

/// Whether a workload runs, as `pause` and `resume` have it. A run that Kueue queues is taken out
/// of its queue, or put into it again, for what Kueue suspends and admits is not ours to suspend.
Applied set_running(Target& target, const std::string& name, bool runs,
                    const SubmitOptions& options);
/// What that would change.
std::vector<release::ObjectChange> preview_running(Target& target, const std::string& name,
                                                   bool runs, const SubmitOptions& options);

using MakeChange = Change (*)(Target&, const std::string&, const SubmitOptions&);

/// Applies what `make` returns, made anew where another command was faster.
Applied apply(Target& target, const std::string& name, MakeChange make,
              const SubmitOptions& options);

}  // namespace lotse::action
