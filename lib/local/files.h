#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

/// The layout of the state folder, and its locks.
///
///   claims/NAME/                 the data of a PersistentVolumeClaim
///   claim-owners/NAME            the workload that made the claim; not there: `lotse push` did
///   workloads/NAME/
///     lock                       held while the wanted state is changed
///     kept/NAME.json             objects that nobody carries out: revisions (written by commands)
///     wanted.json                the manifests and whether they are to run (written by commands)
///     objects.json               objects with status, pods included (written by the supervisor)
///     supervisor.json            its process id (written by the supervisor)
///     supervisor.lock            held by the supervisor for life: this says whether it lives
///     supervisor.log
///     pods/POD/CONTAINER/N.log   lines of the container's Nth start, in the CRI's format
///     pods/POD/volumes/NAME/     ConfigMaps as files, emptyDirs
namespace lotse::local {

namespace fs = std::filesystem;
using nlohmann::json;

struct WorkloadFiles {
  fs::path folder;
  fs::path lock() const { return folder / "lock"; }
  fs::path kept() const { return folder / "kept"; }
  fs::path wanted() const { return folder / "wanted.json"; }
  fs::path objects() const { return folder / "objects.json"; }
  fs::path supervisor() const { return folder / "supervisor.json"; }
  fs::path supervisor_lock() const { return folder / "supervisor.lock"; }
  fs::path supervisor_log() const { return folder / "supervisor.log"; }
  fs::path pod(const std::string& name) const { return folder / "pods" / name; }
  fs::path log(const std::string& pod_name, const std::string& container, int start) const {
    return pod(pod_name) / container / (std::to_string(start) + ".log");
  }
};

/// An advisory lock (flock) on a file; the system releases it when the holder dies.
class FileLock {
 public:
  /// Nothing if another process holds it for longer than `patience`, or the folder is not there.
  static std::optional<FileLock> take(const fs::path& path,
                                      std::chrono::milliseconds patience = {});
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

/// Whether some process holds the lock; false if the file is not there.
bool is_locked(const fs::path& path);

/// A JSON file that write_file_atomic wrote; nothing if it is not there. Throws Error(failed)
/// naming the file if it is not JSON.
std::optional<json> read_json(const fs::path& path);
void write_json(const fs::path& path, const json& value);

/// The fields of /proc/ID/stat behind the name, the first of which is the third (proc_pid_stat(5));
/// none if there is no such process, or it has ended and nobody has waited for it.
std::vector<std::string> stat_fields(pid_t id);

/// The processes of ours whose environment names one of these pods (HOSTNAME=POD), with the pod.
std::map<pid_t, std::string> processes_of(const std::vector<std::string>& pods);

/// Clock ticks since boot at which a process started (field 22 of /proc/ID/stat): with the id, it
/// names a process for as long as the machine runs. Nothing if there is no such process.
std::optional<uint64_t> process_start_time(pid_t id);

/// Kills the processes of these pods and waits until they are gone. For what a killed supervisor
/// left.
void kill_leftovers(const std::vector<std::string>& pods);

}  // namespace lotse::local
