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
#include "local/controller.h"
#include "local/files.h"
#include "local/local.h"
#include "local/manifests.h"
#include "local/pod_logs.h"
#include "local/time.h"
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

[[noreturn]] void damaged(const fs::path& file) {
  throw Error(ErrorKind::failed, file.string() + " is damaged",
              "`lotse delete` removes the workload; claims keep their data");
}

bool is_object(const json& value) {
  const auto has_text = [&](const char* pointer) {
    const json::json_pointer at(pointer);
    return value.contains(at) && value.at(at).is_string();
  };
  return value.is_object() && has_text("/kind") && has_text("/metadata/name");
}

bool are_objects(const json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(), is_object);
}

json wanted_of(const WorkloadFiles& files, const std::string& workload) {
  const auto wanted = read_json(files.wanted());
  if (!wanted) throw Error(ErrorKind::not_found, "there is no local workload " + workload);
  if (!wanted->is_object() || !are_objects(wanted->value("manifests", json())))
    damaged(files.wanted());
  return *wanted;
}

std::vector<json> objects_of(const WorkloadFiles& files) {
  const auto objects = read_json(files.objects()).value_or(json::array());
  if (!are_objects(objects)) damaged(files.objects());
  return objects.get<std::vector<json>>();
}

/// Of the supervisor; empty if it never wrote one, or wrote it only in part.
json record_of(const WorkloadFiles& files) {
  try {
    const auto record = read_json(files.supervisor()).value_or(json::object());
    return record.is_object() ? record : json::object();
  } catch (const Error&) {
    return json::object();
  }
}

bool job_ended(const json& job) {
  for (const auto& one : member<json>(job, "/status/conditions", json::array()))
    if ((one.at("type") == "Complete" || one.at("type") == "Failed") && one.at("status") == "True")
      return true;
  return false;
}

/// Kubernetes refuses to change these of a Job.
void check_immutable(const json& before, const json& after) {
  base::Diagnostics problems;
  for (const char* field :
       {"completions", "completionMode", "template", "podFailurePolicy", "selector"})
    if (before.at("spec").value(field, json()) != after.at("spec").value(field, json()))
      problems.push_back({object_title(after) + ": spec." + field,
                          "cannot change while the Job is there",
                          "delete it first, or give the Job another name"});
  base::throw_if_any(std::move(problems));
}

/// The metadata that the API server would add. Returns whether the Job starts afresh.
void complete_metadata(json& object, const json* before, bool rerun,
                       const std::vector<json>& state) {
  auto& metadata = object["metadata"];
  const json* known = before;
  if (known != nullptr && object.at("kind") == "Job") {
    const json* current = find_object(state, "Job", metadata.at("name"));
    if (rerun && current != nullptr && job_ended(*current))
      known = nullptr;
    else
      check_immutable(*before, object);
  }
  if (known == nullptr) {
    metadata["uid"] = random_uid();
    metadata["creationTimestamp"] = timestamp();
    metadata["generation"] = 1;
    return;
  }
  const json& old = known->at("metadata");
  metadata["uid"] = old.at("uid");
  metadata["creationTimestamp"] = old.at("creationTimestamp");
  const bool same = known->value("spec", json()) == object.value("spec", json());
  metadata["generation"] = old.at("generation").get<int>() + (same ? 0 : 1);
}

fs::path runner_of(const ApplyOptions& options) {
  if (!options.runner.empty()) return options.runner;
  if (const char* set = std::getenv("LOTSE_RUNNER"); set != nullptr && *set != '\0')
    return fs::absolute(set);
  return base::program_folder() / "lotse-runner";
}

/// To the process that supervisor.json names, if it still is that process.
void signal_supervisor(const WorkloadFiles& files, int number) {
  const json record = record_of(files);
  const pid_t id = record.value("pid", 0);
  if (id > 0 && process_start_time(id) == record.value("start", uint64_t{0})) ::kill(id, number);
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
    if (process_start_time(record.value("pid", 0)) == record.value("start", uint64_t{0})) break;
    std::this_thread::sleep_for(10ms);
  }
  signal_supervisor(files, SIGHUP);
}

std::vector<std::string> pods_of(const std::vector<json>& objects) {
  std::vector<std::string> names;
  for (const auto& object : objects)
    if (object.at("kind") == "Pod") names.push_back(object.at("metadata").at("name"));
  return names;
}

std::vector<std::string> claims_in(const std::vector<json>& manifests) {
  std::vector<std::string> names;
  for (const auto& object : manifests)
    if (object.at("kind") == "PersistentVolumeClaim")
      names.push_back(object.at("metadata").at("name"));
  return names;
}

bool uses_claim(const std::vector<json>& manifests, const std::string& claim) {
  for (const auto& object : manifests)
    for (const auto& volume : member<json>(object, "/spec/template/spec/volumes", json::array()))
      if (member<std::string>(volume, "/persistentVolumeClaim/claimName", "") == claim) return true;
  return false;
}

/// Of a Job that was started afresh under the same name, until the supervisor has seen it.
bool is_superseded(const json& object, const std::vector<json>& wanted) {
  return is_of_earlier_job(object, wanted) &&
         find_object(wanted, "Job", job_of(object).at("name")) != nullptr;
}

/// What a snapshot says of a workload whose supervisor was killed.
void mark_lost(json& object) {
  const std::string message =
      "the local supervisor has ended without a word; the command that started it does so again";
  const auto kind = object.at("kind");
  if (kind == "Pod") {
    const auto phase = member<std::string>(object, "/status/phase", "Pending");
    if (phase == "Succeeded" || phase == "Failed") return;
    object["status"]["phase"] = "Failed";
    object["status"]["reason"] = "SupervisorLost";
    object["status"]["message"] = message;
    for (auto& one : object["status"]["conditions"])
      if (one.at("type") == "Ready") one["status"] = "False";
    for (auto& one : object["status"]["containerStatuses"]) one["ready"] = false;
  } else if (kind == "Job" && !job_ended(object)) {
    object["status"]["active"] = 0;
    object["status"]["ready"] = 0;
    object["status"]["conditions"].push_back(
        condition("SupervisorLost", true, "SupervisorLost", message));
  } else if (kind == "Deployment") {
    for (const char* count : {"readyReplicas", "availableReplicas"}) object["status"][count] = 0;
    for (auto& one : object["status"]["conditions"])
      if (one.at("type") == "Available") one["status"] = "False";
    object["status"]["conditions"].push_back(
        condition("SupervisorLost", true, "SupervisorLost", message));
  }
}

/// Before the wanted state, which refers to them.
void keep(const WorkloadFiles& files, const ApplyOptions& options) {
  const auto file_of = [&](const std::string& name) { return files.kept() / (name + ".json"); };
  if (!options.keep.empty()) fs::create_directories(files.kept());
  for (const auto& object : options.keep)
    write_json(file_of(object.at("metadata").at("name")), object);
  for (const auto& name : options.forget) fs::remove(file_of(name));
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
fs::path Store::claim_folder(const std::string& claim) const {
  return root_ / "claims" / claim;
}

fs::path Store::owner_file(const std::string& claim) const {
  return root_ / "claim-owners" / claim;
}

int Store::version(const std::string& workload) const {
  const auto wanted = read_json(WorkloadFiles{folder(workload)}.wanted());
  return wanted ? wanted->value("revision", 0) : 0;
}

std::vector<std::string> Store::claims_of(const std::string& workload) const {
  std::vector<std::string> claims;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root_ / "claim-owners", none))
    if (base::read_file(entry.path()) == workload) claims.push_back(entry.path().filename());
  std::sort(claims.begin(), claims.end());
  return claims;
}

/// `before` are those of its manifests until now.
void Store::make_claims(const std::string& workload, const std::vector<std::string>& claims,
                        const std::vector<std::string>& before) const {
  const auto mine = claims_of(workload);
  const auto has = [](const std::vector<std::string>& list, const std::string& claim) {
    return std::find(list.begin(), list.end(), claim) != list.end();
  };
  for (const auto& claim : claims)
    if (fs::exists(claim_folder(claim)) && !has(mine, claim) && !has(before, claim))
      throw Error(
          ErrorKind::conflict,
          base::cat("the claim ", claim, " is there already and is not of the workload ", workload),
          "choose another name");
  for (const auto& claim : claims) {
    fs::create_directories(owner_file(claim).parent_path());
    base::write_file_atomic(owner_file(claim), workload);
    fs::create_directories(claim_folder(claim));
  }
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
  std::map<std::string, std::string> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root_ / "claim-owners", none)) {
    const auto owner = base::read_file(entry.path());
    if (is_name(owner) && !fs::exists(WorkloadFiles{folder(owner)}.wanted()))
      found.emplace(entry.path().filename().string(), owner);
  }
  return found;
}

void Store::check(const std::vector<json>& manifests) const {
  check_manifests(manifests,
                  [&](const std::string& claim) { return fs::is_directory(claim_folder(claim)); });
}

std::vector<json> Store::manifests(const std::string& workload) const {
  const WorkloadFiles files{folder(workload)};
  return fs::exists(files.wanted())
             ? wanted_of(files, workload).at("manifests").get<std::vector<json>>()
             : std::vector<json>();
}

std::vector<json> Store::kept(const std::string& workload) const {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(WorkloadFiles{folder(workload)}.kept(), none))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<json> objects;
  for (const auto& file : files)
    if (auto object = read_json(file); object && is_object(*object))
      objects.push_back(std::move(*object));
  return objects;
}

bool Store::apply(const std::string& workload, const std::vector<json>& manifests,
                  const ApplyOptions& options) {
  check_name(workload);
  check(manifests);
  const fs::path runner = runner_of(options);
  if (::access(runner.c_str(), X_OK) != 0)
    throw Error(ErrorKind::invalid, "there is no runner at " + runner.string(),
                "LOTSE_RUNNER names another one");
  const WorkloadFiles files{folder(workload)};
  fs::create_directories(files.folder);
  const FileLock lock = lock_of(files, workload);
  const json before = read_json(files.wanted()).value_or(json::object());
  if (options.version && before.value("revision", 0) != *options.version) return false;
  const auto known = before.value("manifests", std::vector<json>());
  const auto state = objects_of(files);
  std::vector<json> complete = manifests;
  for (auto& object : complete) {
    // The anchor comes first.
    const json* anchor = find_object(complete, "ConfigMap", workload);
    if (anchor != nullptr)
      object::name_run(object, member<std::string>(*anchor, "/metadata/uid", ""));
    complete_metadata(object,
                      find_object(known, object.at("kind"), object.at("metadata").at("name")),
                      options.rerun, state);
  }
  make_claims(workload, claims_in(complete), claims_in(known));
  keep(files, options);
  write_json(files.wanted(), {{"revision", before.value("revision", 0) + 1},
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

SupervisorState Store::supervisor(const std::string& workload) const {
  const WorkloadFiles files{folder(workload)};
  if (is_locked(files.supervisor_lock())) return SupervisorState::running;
  const json record = record_of(files);
  const auto state = record.value("state", "");
  if (state.empty())
    return fs::exists(files.supervisor_lock()) ? SupervisorState::lost : SupervisorState::none;
  if (state == "running") return SupervisorState::lost;
  return state == "stopped" ? SupervisorState::stopped : SupervisorState::ended;
}

std::vector<json> Store::snapshot(const std::string& workload) {
  const WorkloadFiles files{folder(workload)};
  std::vector<json> result = wanted_of(files, workload).at("manifests");
  const bool lost = supervisor(workload) == SupervisorState::lost;
  auto objects = objects_of(files);
  if (lost) {
    kill_leftovers(pods_of(objects));
    for (auto& object : objects) mark_lost(object);
  }
  for (auto& wanted : result) {
    const std::string uid = wanted.at("metadata").at("uid");
    const auto found = std::find_if(objects.begin(), objects.end(), [&](const json& one) {
      return one.at("metadata").value("uid", "") == uid;
    });
    if (found != objects.end()) {
      if (found->contains("status")) wanted["status"] = found->at("status");
      const auto annotations = member<json>(*found, "/metadata/annotations", json::object());
      for (const auto& [key, value] : annotations.items())
        if (key.starts_with("lotse.dev/")) wanted["metadata"]["annotations"][key] = value;
      objects.erase(found);
    } else if (wanted.at("kind") == "PersistentVolumeClaim") {
      wanted["status"] = {{"phase", "Bound"}};
      wanted["metadata"]["annotations"]["lotse.dev/folder"] =
          claim_folder(wanted.at("metadata").at("name")).string();
    }
  }
  // What the controllers made, and the Jobs before.
  const auto manifests = result;
  for (auto& object : objects)
    if ((object.at("kind") == "Pod" || object.at("kind") == "ReplicaSet" ||
         object.at("kind") == "Job") &&
        !is_superseded(object, manifests))
      result.push_back(std::move(object));
  return result;
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

void Store::follow_logs(const std::string& workload, const LogOptions& options,
                        const std::function<void(const LogLine&)>& sink,
                        const std::function<bool()>& stop) const {
  const WorkloadFiles files{folder(workload)};
  PodLogs logs(files, wanted_of(files, workload).at("manifests"), options);
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
  auto longest = grace.value_or(30s);
  int stopped = 0;
  {
    wanted_of(files, workload);
    const FileLock lock = lock_of(files, workload);
    json wanted = wanted_of(files, workload);
    if (version && wanted.value("revision", 0) != *version) return std::nullopt;
    for (const auto& object : wanted.at("manifests"))
      if (!grace)
        longest = std::max(longest,
                           std::chrono::seconds(member<int64_t>(
                               object, "/spec/template/spec/terminationGracePeriodSeconds", 30)));
    stopped = wanted.value("revision", 0) + 1;
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
  kill_leftovers(pods_of(objects_of(files)));
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
          uses_claim(wanted_of({folder(other)}, other).at("manifests"), claim))
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
  auto claims = claims_of(workload);
  if (is_there)
    for (const auto& claim :
         claims_in(wanted_of(files, workload).at("manifests").get<std::vector<json>>()))
      if (std::find(claims.begin(), claims.end(), claim) == claims.end()) claims.push_back(claim);
  if (purge) check_not_in_use(workload, claims);
  if (is_there) stop(workload, grace);
  std::optional<FileLock> lock;
  if (fs::exists(files.folder)) lock.emplace(lock_of(files, workload));
  if (is_locked(files.supervisor_lock()))
    throw Error(ErrorKind::conflict, "the local workload " + workload + " was started again");
  Removal removal;
  if (is_there)
    for (const auto& object : snapshot(workload))
      if (object.at("kind") != "PersistentVolumeClaim")
        removal.removed.push_back(base::cat(base::lower(object.at("kind").get<std::string>()), "/",
                                            object.at("metadata").at("name").get<std::string>()));
  for (const auto& claim : claims) {
    if (purge) {
      fs::remove_all(claim_folder(claim));
      fs::remove(owner_file(claim));
    }
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
