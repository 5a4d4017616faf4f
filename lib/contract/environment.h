#pragma once
#include <string>
#include <string_view>

/// The variables in which a pod and a laptop differ; nothing else may. The templates set them for
/// pods, the local executor sets them for processes.
namespace lotse::contract::environment {

/// LOTSE_VOLUME_<NAME>: the folder of volume NAME. Upper case, '-' and '.' become '_'.
std::string volume_variable(std::string_view volume);
/// LOTSE_PORT_<NAME>: the port to listen on under the name NAME, e.g. LOTSE_PORT_HTTP.
std::string port_variable(std::string_view port);

/// "HOST:PORT" where rank 0 keeps the rendezvous store. Unset or world size 1: no peers.
inline constexpr auto rendezvous = "LOTSE_RENDEZVOUS";
/// The address under which this process's peers reach it.
inline constexpr auto host = "LOTSE_HOST";
/// Number of pods (completions) of the run.
inline constexpr auto workers = "LOTSE_WORKERS";
/// Number of processes that a training starts in its pod; unset: one. The world size is pods by
/// processes, the rank is completion index * processes per pod + local rank.
inline constexpr auto processes_per_pod = "LOTSE_PROCESSES_PER_POD";
/// Which of its pod's processes this one is, from 0: set by the one that starts them, which does
/// not have it.
inline constexpr auto local_rank = "LOTSE_LOCAL_RANK";
/// Set by Kubernetes in pods of an Indexed Job, and by the local executor.
inline constexpr auto completion_index = "JOB_COMPLETION_INDEX";
/// Number of compute threads: the CPU limit, rounded up. The processes of a pod share them.
inline constexpr auto threads = "LOTSE_THREADS";
/// Which run this process belongs to: a folder of results that bears this name is its own. Unset:
/// each start of the program is a run.
inline constexpr auto run_id = "LOTSE_RUN_ID";
/// Number of GPUs that were asked for: the device `auto` is then a GPU or an error.
inline constexpr auto gpus = "LOTSE_GPUS";
/// "json": events are printed as JSON lines; "text" (default): for people.
inline constexpr auto events = "LOTSE_EVENTS";

}  // namespace lotse::contract::environment
