#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <thread>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/strings.h"
#include "local/claims.h"
#include "local/files.h"
#include "local/kept.h"
#include "local/local.h"
#include "local/manifests.h"
#include "local/metadata.h"
#include "local/pod_logs.h"
#include "local/snapshot.h"
#include "local/state.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/run_name.h"

namespace lotse::local {

namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;

FileLock lock_of(const WorkloadFiles& files, const std::string& workload) {
  auto lock = FileLock::take(files.lock(), 10s);
  if (!lock)
    throw Error(ErrorKind::conflict, "another command is changing the local workload " + workload);
  return std::move(*lock);
}

fs::path runner_of(const ApplyOptions& options) {
  if (!options.runner.empty()) return options.runner;
  if (const char* set = std::getenv("LOTSE_RUNNER"); set != nullptr && *set != '\0')
    return fs::absolute(set);
  return base::program_folder() / "lotse-runner";
}

pid_t process_in(const json& record) {
  return static_cast<pid_t>(object::number_at(record, {"pid"}));
}
uint64_t start_in(const json& record) {
  return static_cast<uint64_t>(object::number_at(record, {"start"}));
}

/// To the process that supervisor.json names, if it still is that process.
void signal_supervisor(const WorkloadFiles& files, int number) {
  const json record = record_of(files);
  const auto id = process_in(record);
  if (id > 0 && process_start_time(id) == start_in(record)) ::kill(id, number);
}

void start_supervisor(const WorkloadFiles& files, const ApplyOptions& options) {
  base::Command command;
  command.arguments = options.supervisor_command;
  if (command.arguments.empty())
    command.arguments = {fs::read_symlink("/proc/self/exe").string(), "__supervise"};
  command.arguments.push_back(files.folder.string());
  command.working_folder = "/";
  const int log =
      ::open(files.supervisor_log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  command.output = command.error = log;
  const auto ended = base::Process::start(command).wait();
  ::close(log);
  if (ended.code != 0)
    throw Error(ErrorKind::failed, "the local supervisor did not start",
                "see " + files.supervisor_log().string());
}

/// The supervisor writes its record just after it has the lock.
void wake_supervisor(const WorkloadFiles& files) {
  for (int i = 0; i < 100; ++i) {
    const json record = record_of(files);
    if (process_start_time(process_in(record)) == start_in(record)) break;
    std::this_thread::sleep_for(10ms);
  }
  signal_supervisor(files, SIGHUP);
}

std::vector<std::string> claims_in(const std::vector<json>& manifests) {
  return names_of_kind(manifests, "PersistentVolumeClaim");
}

bool uses_claim(const std::vector<json>& manifests, const std::string& claim) {
  for (const auto& object : manifests)
    for (const auto& volume : object::list_at(object, {"spec", "template", "spec", "volumes"}))
      if (object::text_at(volume, {"persistentVolumeClaim", "claimName"}) == claim) return true;
  return false;
}

int version_in(const json& wanted) {
  return static_cast<int>(object::number_at(wanted, {"revision"}));
}

/// How long the pods may take to end.
std::chrono::seconds longest_grace(const std::vector<json>& manifests) {
  std::chrono::seconds longest = 30s;
  for (const auto& object : manifests)
    longest = std::max(
        longest, std::chrono::seconds(object::number_at(
                     object, {"spec", "template", "spec", "terminationGracePeriodSeconds"}, 30)));
  return longest;
}

/// Whether a removal names it: not what goes with its owner.
bool is_listed(const std::string& kind) {
  return kind != "PersistentVolumeClaim" && kind != "Pod" && kind != "ReplicaSet";
}

bool is_name(const std::string& workload) {
  static const std::regex label("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  return std::regex_match(workload, label);
}

void check_name(const std::string& workload) {
  if (!is_name(workload))
    throw Error(ErrorKind::invalid,
                "'" + workload + "' is not a name: lower-case letters, digits and '-'");
}

}  // namespace

Store::Store(std::filesystem::path root) : root_(std::move(root)) {}

fs::path Store::folder(const std::string& workload) const {
  check_name(workload);  // it is no path
  return root_ / "workloads" / workload;
}
Claims Store::claims() const {
  return Claims(root_);
}
fs::path Store::claim_folder(const std::string& claim) const {
  return claims().folder(claim);
}
std::vector<std::string> Store::claims_of(const std::string& workload) const {
  return claims().of(workload);
}

int Store::version(const std::string& workload) const {
  const auto wanted = read_json(WorkloadFiles{folder(workload)}.wanted());
  return wanted ? version_in(*wanted) : 0;
}

std::vector<std::string> Store::workloads() const {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root_ / "workloads", none))
    if (is_name(entry.path().filename()) && fs::exists(entry.path() / "wanted.json"))
      names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, std::string> Store::orphans() const {
  auto found = claims().owners();
  std::erase_if(found, [&](const auto& entry) {
    return !is_name(entry.second) || fs::exists(WorkloadFiles{folder(entry.second)}.wanted());
  });
  return found;
}

void Store::check(const std::string& workload, const std::vector<json>& manifests) const {
  check_manifests(manifests,
                  [&](const std::string& claim) { return fs::is_directory(claim_folder(claim)); });
  claims().check(workload, claims_in(manifests), claims_in(this->manifests(workload)));
}

std::vector<json> Store::manifests(const std::string& workload) const {
  const WorkloadFiles files{folder(workload)};
  return fs::exists(files.wanted()) ? manifests_of(wanted_of(files, workload))
                                    : std::vector<json>();
}

std::vector<json> Store::kept(const std::string& workload) const {
  return kept_objects({folder(workload)});
}

bool Store::apply(const std::string& workload, const std::vector<json>& manifests,
                  const ApplyOptions& options) {
  check(workload, manifests);
  const fs::path runner = runner_of(options);
  if (::access(runner.c_str(), X_OK) != 0)
    throw Error(ErrorKind::invalid, "there is no runner at " + runner.string(),
                "LOTSE_RUNNER names another one");
  const WorkloadFiles files{folder(workload)};
  fs::create_directories(files.folder);
  const FileLock lock = lock_of(files, workload);
  const json before = read_json(files.wanted()).value_or(json::object());
  if (options.version && version_in(before) != *options.version) return false;
  const int version = version_in(before) + 1;
  const auto known = manifests_of(before);
  const auto state = objects_of(files);
  std::vector<json> complete = manifests;
  for (auto& object : complete) {
    // The anchor comes first.
    const json* anchor = find_object(complete, "ConfigMap", workload);
    if (anchor != nullptr) object::name_run(object, object::uid_of(*anchor));
    const auto kind = object::kind_of(object);
    const json* current = find_object(state, kind, object::name_of(object));
    const bool afresh = options.rerun && kind == "Job" && current != nullptr && has_ended(*current);
    complete_metadata(object, afresh ? nullptr : find_object(known, kind, object::name_of(object)),
                      version);
  }
  // Those of another workload may have come since the check.
  claims().check(workload, claims_in(complete), claims_in(known));
  claims().make(workload, claims_in(complete));
  keep_objects(files, options.keep);  // before the wanted state, which refers to them
  forget_objects(files, options.forget);
  write_json(files.wanted(), {{"revision", version},
                              {"stopped", false},
                              {"runner", runner.string()},
                              {"backoff", options.backoff.count()},
                              {"manifests", complete}});
  if (is_locked(files.supervisor_lock()))
    wake_supervisor(files);
  else
    start_supervisor(files, options);
  return true;
}

void Store::patch(const std::string& workload, const json& object, const json& change,
                  const ApplyOptions& options) {
  const WorkloadFiles files{folder(workload)};
  wanted_of(files, workload);
  const FileLock lock = lock_of(files, workload);
  json wanted = wanted_of(files, workload);
  auto manifests = manifests_of(wanted);
  const auto title = object_title(object);
  const auto live = std::find_if(manifests.begin(), manifests.end(),
                                 [&](const json& each) { return object_title(each) == title; });
  if (live == manifests.end())
    throw Error(ErrorKind::not_found,
                "the local workload " + workload + " has no " + object::describe(object));
  const auto expected = object::text_at(change, {"metadata", "resourceVersion"});
  if (!expected.empty() && expected != object::text_at(*live, {"metadata", "resourceVersion"}))
    throw Error(ErrorKind::conflict, object::describe(object) + " has been modified");
  const json before = *live;
  live->merge_patch(change);
  complete_metadata(*live, &before, version_in(wanted) + 1);
  if (*live == before) return;
  check(workload, manifests);
  const bool acts = object::at(*live, {"spec"}) != object::at(before, {"spec"});
  wanted["revision"] = version_in(wanted) + 1;
  wanted["manifests"] = manifests;
  write_json(files.wanted(), wanted);
  if (is_locked(files.supervisor_lock()))
    wake_supervisor(files);
  else if (acts && wanted["stopped"] == false)
    start_supervisor(files, options);
}

SupervisorState Store::supervisor(const std::string& workload) const {
  const WorkloadFiles files{folder(workload)};
  if (is_locked(files.supervisor_lock())) return SupervisorState::running;
  const json record = record_of(files);
  const auto state = object::text_at(record, {"state"});
  if (state.empty())
    return fs::exists(files.supervisor_lock()) ? SupervisorState::lost : SupervisorState::none;
  if (state == "running") return SupervisorState::lost;
  return state == "stopped" ? SupervisorState::stopped : SupervisorState::ended;
}

std::vector<json> Store::snapshot(const std::string& workload) {
  const WorkloadFiles files{folder(workload)};
  auto manifests = manifests_of(wanted_of(files, workload));
  const bool lost = supervisor(workload) == SupervisorState::lost;
  auto objects = objects_of(files);
  if (lost) {
    kill_leftovers(names_of_kind(objects, "Pod"));
    for (auto& object : objects) mark_lost(object);
  }
  return with_status(std::move(manifests), std::move(objects),
                     [&](const std::string& claim) { return claim_folder(claim); });
}

bool Store::wait_change(const std::string& workload, std::string& token,
                        std::chrono::milliseconds timeout) const {
  const WorkloadFiles files{folder(workload)};
  const auto end = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    struct stat objects = {};
    struct stat wanted = {};
    ::stat(files.objects().c_str(), &objects);
    ::stat(files.wanted().c_str(), &wanted);
    const auto current = base::cat(
        objects.st_ino, ".", objects.st_mtim.tv_sec, ".", objects.st_mtim.tv_nsec, "/",
        wanted.st_ino, ".", wanted.st_mtim.tv_nsec, "/", static_cast<int>(supervisor(workload)));
    if (current != token) {
      token = current;
      return true;
    }
    if (std::chrono::steady_clock::now() >= end || base::wait_interruptible(50ms)) return false;
  }
}

void Store::follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                        const std::function<bool()>& stop) const {
  const WorkloadFiles files{folder(workload)};
  PodLogs logs(files, manifests_of(wanted_of(files, workload)), options);
  for (;;) {
    // Asked before reading: what is written until the supervisor ends is then read below.
    const bool over = !is_locked(files.supervisor_lock());
    const bool enough = stop && stop();
    for (const auto& line : logs.round(objects_of(files), over)) sink(line);
    if (!options.follow || over || enough || base::wait_interruptible(100ms)) return;
  }
}

std::vector<LogLine> Store::last_lines(const std::string& workload, const std::string& pod,
                                       const std::string& container, size_t count) const {
  constexpr std::streamoff most_bytes = 256 << 10;
  const WorkloadFiles files{folder(workload)};
  int start = 0;
  while (fs::exists(files.log(pod, container, start + 1))) ++start;
  auto lines = local::last_lines(files.log(pod, container, start), most_bytes);
  if (lines.size() > count)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return lines;
}

std::optional<int> Store::stop(const std::string& workload,
                               std::optional<std::chrono::seconds> grace,
                               std::optional<int> version) {
  const WorkloadFiles files{folder(workload)};
  std::chrono::seconds longest{};
  int stopped = 0;
  {
    if (version && !fs::exists(files.wanted())) return std::nullopt;
    wanted_of(files, workload);
    const FileLock lock = lock_of(files, workload);
    json wanted = wanted_of(files, workload);
    if (version && version_in(wanted) != *version) return std::nullopt;
    longest = grace ? *grace : longest_grace(manifests_of(wanted));
    stopped = version_in(wanted) + 1;
    wanted["revision"] = stopped;
    wanted["stopped"] = true;
    wanted["grace"] = grace ? json(grace->count()) : json();
    write_json(files.wanted(), wanted);
    if (is_locked(files.supervisor_lock())) wake_supervisor(files);
  }
  const auto end = std::chrono::steady_clock::now() + longest + 10s;
  while (is_locked(files.supervisor_lock())) {
    if (std::chrono::steady_clock::now() > end) signal_supervisor(files, SIGKILL);
    std::this_thread::sleep_for(20ms);
  }
  kill_leftovers(names_of_kind(objects_of(files), "Pod"));
  return stopped;
}

bool Store::is_readable(const std::string& workload) const {
  const WorkloadFiles files{folder(workload)};
  try {
    wanted_of(files, workload);
    objects_of(files);
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return true;  // which is said where it matters
    return false;
  }
}

/// Its claims stay, of which its files may say nothing any more.
Removal Store::remove_damaged(const std::string& workload) {
  const WorkloadFiles files{folder(workload)};
  const auto end = std::chrono::steady_clock::now() + 30s;
  for (bool asked = false; is_locked(files.supervisor_lock()); asked = true) {
    const bool late = std::chrono::steady_clock::now() > end;
    if (!asked || late) signal_supervisor(files, late ? SIGKILL : SIGTERM);
    std::this_thread::sleep_for(20ms);
  }
  const FileLock lock = lock_of(files, workload);  // not before: the supervisor wants it at its end
  fs::remove_all(files.folder);
  return {{"its damaged state, " + files.folder.string()}, {}, claims_of(workload)};
}

void Store::check_not_in_use(const std::string& workload,
                             const std::vector<std::string>& claims) const {
  for (const auto& other : workloads())
    for (const auto& claim : claims)
      if (other != workload && is_readable(other) &&
          supervisor(other) == SupervisorState::running &&
          uses_claim(manifests_of(wanted_of({folder(other)}, other)), claim))
        throw Error(ErrorKind::conflict,
                    base::cat("claim ", claim, " is in use by the local workload ", other));
}

/// Claims go first and the wanted state last: as long as that is there, an interrupted removal can
/// be repeated.
Removal Store::remove(const std::string& workload, bool purge,
                      std::optional<std::chrono::seconds> grace) {
  const WorkloadFiles files{folder(workload)};
  if (fs::exists(files.folder) && !is_readable(workload)) return remove_damaged(workload);
  const bool is_there = fs::exists(files.wanted());
  auto mine = claims_of(workload);
  if (is_there)
    for (const auto& claim : claims_in(manifests_of(wanted_of(files, workload))))
      if (std::find(mine.begin(), mine.end(), claim) == mine.end()) mine.push_back(claim);
  if (purge) check_not_in_use(workload, mine);
  if (is_there) stop(workload, grace);
  std::optional<FileLock> lock;
  if (fs::exists(files.folder)) lock.emplace(lock_of(files, workload));
  if (is_locked(files.supervisor_lock()))
    throw Error(ErrorKind::conflict, "the local workload " + workload + " was started again");
  Removal removal;
  if (is_there)
    for (const auto& object : snapshot(workload))
      if (is_listed(object::kind_of(object))) removal.removed.push_back(object::describe(object));
  for (const auto& claim : mine) {
    if (purge) claims().remove(claim);
    (purge ? removal.claims_removed : removal.claims_left).push_back(claim);
  }
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(files.folder, none))
    if (entry.path() != files.wanted() && entry.path() != files.lock())
      fs::remove_all(entry.path());
  fs::remove(files.wanted());
  fs::remove_all(files.folder);
  return removal;
}

}  // namespace lotse::local
