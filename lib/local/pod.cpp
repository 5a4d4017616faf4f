#include "local/pod.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

std::mt19937_64& random_source() {
  static std::mt19937_64 source(std::random_device{}());
  return source;
}

void write_config_map(const fs::path& folder, const json& map, const json& volume) {
  fs::create_directories(folder);
  const json& data = object::at(map, {"data"});
  const auto& items = object::list_at(volume, {"configMap", "items"});
  if (items.empty())
    for (const auto& [key, text] : data.items())
      base::write_file_atomic(folder / key, text.get<std::string>());
  for (const auto& item : items) {
    const fs::path file = folder / object::text_at(item, {"path"});
    fs::create_directories(file.parent_path());
    base::write_file_atomic(file, data.at(object::text_at(item, {"key"})).get<std::string>());
  }
}

bool has_exited(pid_t id) {
  siginfo_t info = {};
  return ::waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == id;
}

}  // namespace

std::chrono::milliseconds backoff_delay(std::chrono::milliseconds base, int failures) {
  const int doublings = std::clamp(failures - 1, 0, 20);
  return std::min<std::chrono::milliseconds>(base * (1LL << doublings), std::chrono::minutes(5));
}

std::string random_ending() {
  constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string text(5, ' ');
  for (char& c : text) c = letters[random_source()() % letters.size()];
  return text;
}

std::string random_uid() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  for (char& c : text)
    if (c == 'x') c = digits[random_source()() % digits.size()];
  return text;
}

json condition(const std::string& type, bool status, const std::string& reason,
               const std::string& message) {
  json result = {
      {"type", type}, {"status", status ? "True" : "False"}, {"lastTransitionTime", timestamp()}};
  if (!reason.empty()) result["reason"] = reason;
  if (!message.empty()) result["message"] = message;
  return result;
}

Pod::Pod(json object, PodHost& host, std::string rendezvous)
    : object_(std::move(object)), host_(host), name_(object::name_of(object_)) {
  const json& container = object_.at("spec").at("containers").at(0);
  container_name_ = object::text_at(container, {"name"}, "main");
  restart_policy_ = object::text_at(object_, {"spec", "restartPolicy"}, "Always");
  places_.runner = host.runner;
  places_.rendezvous = std::move(rendezvous);
  places_.inherited = inherited_environment();
  for (const auto& port : object::list_at(container, {"ports"})) {
    const int here = free_port();
    port_numbers_[static_cast<int>(object::number_at(port, {"containerPort"}))] = here;
    const auto name = object::text_at(port, {"name"});
    if (!name.empty()) places_.ports[name] = here;
  }
  const auto probe = [&](const char* field, std::optional<Probe>& into) {
    if (!container.contains(field) || container.at(field).is_null()) return;
    const json& given = container.at(field);
    const json& target = given.contains("httpGet") ? given.at("httpGet") : given.at("tcpSocket");
    into.emplace(given, port(target.at("port")), host.wake);
  };
  probe("startupProbe", startup_);
  probe("readinessProbe", readiness_);
  probe("livenessProbe", liveness_);
  state_ = {{"waiting", {{"reason", "ContainerCreating"}}}};
}

Pod::~Pod() {
  for (const int fd : pipes_)
    if (fd >= 0) ::close(fd);
}

int Pod::port(const json& wanted) const {
  if (wanted.is_number()) {
    const auto found = port_numbers_.find(wanted.get<int>());
    return found == port_numbers_.end() ? 0 : found->second;
  }
  const auto found = places_.ports.find(wanted.get<std::string>());
  return found == places_.ports.end() ? 0 : found->second;
}

std::chrono::milliseconds Pod::grace() const {
  return std::chrono::seconds(
      object::number_at(object_, {"spec", "terminationGracePeriodSeconds"}, 30));
}

void Pod::make_volumes() {
  for (const auto& volume : object::list_at(object_, {"spec", "volumes"})) {
    const auto name = object::text_at(volume, {"name"});
    fs::path folder = host_.files.pod(name_) / "volumes" / name;
    if (volume.contains("configMap")) {
      const auto map = host_.config_maps.find(object::text_at(volume, {"configMap", "name"}));
      write_config_map(folder, map == host_.config_maps.end() ? json::object() : map->second,
                       volume);
    } else if (volume.contains("hostPath")) {
      folder = object::text_at(volume, {"hostPath", "path"});
      const auto type = object::text_at(volume, {"hostPath", "type"});
      if (type == "DirectoryOrCreate") fs::create_directories(folder);
      if (!fs::exists(folder))
        throw base::Error(base::ErrorKind::invalid, folder.string() + " is not there");
    } else if (volume.contains("persistentVolumeClaim")) {
      folder = host_.claims / object::text_at(volume, {"persistentVolumeClaim", "claimName"});
      fs::create_directories(folder);
    } else {
      fs::create_directories(folder);
    }
    places_.volumes[name] = folder;
  }
}

void Pod::start(SteadyTime now) {
  start_time_ = timestamp();
  start_container(now);
}

void Pod::start_container(SteadyTime now) {
  restart_at_.reset();
  int output[2] = {-1, -1};
  int error[2] = {-1, -1};
  try {
    make_volumes();
    auto command = container_command(object_, places_, host_.config_maps);
    command.working_folder = host_.files.pod(name_) / "work";
    fs::create_directories(command.working_folder);
    log_ = std::make_unique<LogWriter>(host_.files.log(name_, container_name_, restarts_));
    if (::pipe2(output, O_CLOEXEC | O_NONBLOCK) != 0 || ::pipe2(error, O_CLOEXEC | O_NONBLOCK) != 0)
      throw base::Error(base::ErrorKind::failed, "no more pipes");
    // Only our ends do not block: a program that prints fast must wait for us.
    for (const int fd : {output[1], error[1]}) ::fcntl(fd, F_SETFL, 0);
    command.output = output[1];
    command.error = error[1];
    process_ = base::Process::start(command);
    launched_ = true;
    pipes_[0] = std::exchange(output[0], -1);
    pipes_[1] = std::exchange(error[0], -1);
    state_ = {{"running", {{"startedAt", timestamp()}}}};
    started_ = !startup_;
    for (auto* probe : {&startup_, &readiness_, &liveness_})
      if (*probe) (*probe)->start(now);
    set_ready(started_ && !readiness_, now);
  } catch (const std::exception& e) {
    log_.reset();
    container_ended(now, {{"exitCode", 128},
                          {"reason", "StartError"},
                          {"message", e.what()},
                          {"finishedAt", timestamp()}});
  }
  for (const int fd : {output[0], output[1], error[0], error[1]})
    if (fd >= 0) ::close(fd);
}

void Pod::read_output(bool to_the_end) {
  for (const int stream : {0, 1}) {
    // A flood of output must not keep us from everything else; more comes in the next round.
    for (int round = 0; pipes_[stream] >= 0 && (to_the_end || round < 16); ++round) {
      char bytes[64 * 1024];
      const ssize_t count = ::read(pipes_[stream], bytes, sizeof bytes);
      if (count > 0) log_->write(stream, {bytes, static_cast<size_t>(count)});
      if (count < 0 && errno == EINTR) continue;
      if (count == 0) ::close(std::exchange(pipes_[stream], -1));
      if (count <= 0) break;
    }
  }
}

void Pod::check_end(SteadyTime now) {
  if (!process_ || !has_exited(process_->id())) return;
  // As the end of a container's first process ends all others.
  process_->send_group(SIGKILL);
  read_output(true);
  const auto ended = process_->wait();
  process_.reset();
  log_->finish();
  log_.reset();  // a supervisor keeps every pod that has ended
  for (int& fd : pipes_)
    if (fd >= 0) ::close(std::exchange(fd, -1));
  json terminated = {{"exitCode", ended.code},
                     {"reason", ended.code == 0 ? "Completed" : "Error"},
                     {"startedAt", object::at(state_, {"running", "startedAt"})},
                     {"finishedAt", timestamp()}};
  if (ended.signal != 0) terminated["signal"] = ended.signal;
  const json& container = object_.at("spec").at("containers").at(0);
  if (ended.code != 0 &&
      object::text_at(container, {"terminationMessagePolicy"}) == "FallbackToLogsOnError")
    terminated["message"] = end_of_log(host_.files.log(name_, container_name_, restarts_));
  container_ended(now, terminated);
}

void Pod::container_ended(SteadyTime now, json terminated) {
  exit_code_ = static_cast<int>(object::number_at(terminated, {"exitCode"}));
  kill_at_.reset();
  term_at_.reset();
  started_ = false;
  set_ready(false, now);
  const bool again = !terminating_ && (restart_policy_ == "Always" ||
                                       (restart_policy_ == "OnFailure" && exit_code_ != 0));
  if (!again) {
    state_ = {{"terminated", std::move(terminated)}};
    ended_ = true;
    return;
  }
  const auto delay =
      restarts_ == 0 ? std::chrono::milliseconds(0) : backoff_delay(host_.backoff, restarts_);
  last_state_ = {{"terminated", std::move(terminated)}};
  state_ = {{"waiting",
             {{"reason", "CrashLoopBackOff"},
              {"message", base::cat("back-off ", delay.count(), "ms restarting failed container ",
                                    container_name_)}}}};
  ++restarts_;
  restart_at_ = now + delay;
}

void Pod::set_ready(bool ready, SteadyTime now) {
  if (ready == ready_ && !ready_changed_.empty()) return;
  ready_ = ready;
  ready_changed_ = timestamp();
  ready_since_ = ready ? std::optional(now) : std::nullopt;
}

void Pod::end_container(SteadyTime now, std::chrono::milliseconds grace_period) {
  if (kill_at_ || !process_) return;
  process_->send(SIGTERM);
  kill_at_ = now + grace_period;
}

void Pod::check_probes(SteadyTime now) {
  if (!started_) {
    if (startup_->succeeded()) {
      started_ = true;
      for (auto* probe : {&readiness_, &liveness_})
        if (*probe) (*probe)->start(now);
      set_ready(!readiness_, now);
    } else if (startup_->failed()) {
      end_container(now, grace());
    }
    return;
  }
  if (readiness_ && readiness_->succeeded()) set_ready(true, now);
  if (readiness_ && readiness_->failed()) set_ready(false, now);
  if (liveness_ && liveness_->failed()) end_container(now, grace());
}

void Pod::terminate(SteadyTime now, std::optional<std::chrono::milliseconds> grace_period) {
  const auto period = grace_period.value_or(grace());
  if (terminating_ && !(grace_period && kill_at_ && now + period < *kill_at_)) return;
  if (!terminating_) object_["metadata"]["deletionTimestamp"] = timestamp();
  terminating_ = true;
  restart_at_.reset();
  if (ended_) return;
  if (!process_) {
    ended_ = true;
    if (last_state_.contains("terminated")) state_ = last_state_;
    return;
  }
  const json& container = object_.at("spec").at("containers").at(0);
  term_at_ = now + std::chrono::seconds(
                       object::number_at(container, {"lifecycle", "preStop", "sleep", "seconds"}));
  kill_at_ = now + period;
}

SteadyTime Pod::tick(SteadyTime now) {
  if (ended_) return SteadyTime::max();
  read_output(false);
  check_end(now);
  SteadyTime next = SteadyTime::max();
  if (process_ && !terminating_) {
    if (startup_ && !started_) next = startup_->tick(now);
    if (started_ && readiness_) next = std::min(next, readiness_->tick(now));
    if (started_ && liveness_) next = std::min(next, liveness_->tick(now));
    const bool was_started = started_;
    check_probes(now);
    if (started_ != was_started) next = now;
  }
  if (process_ && term_at_ && now >= *term_at_) {
    process_->send(SIGTERM);
    term_at_.reset();
  }
  if (process_ && kill_at_ && now >= *kill_at_) {
    process_->send_group(SIGKILL);
    kill_at_ = now + std::chrono::seconds(1);
  }
  if (restart_at_ && now >= *restart_at_) start_container(now);
  for (const auto& due : {term_at_, kill_at_, restart_at_})
    if (due) next = std::min(next, *due);
  return next;
}

void Pod::add_descriptors(std::vector<pollfd>& list) const {
  for (const int fd : pipes_)
    if (fd >= 0) list.push_back({fd, POLLIN, 0});
}

json Pod::object() const {
  json result = object_;
  std::string phase = launched_ || ended_ ? "Running" : "Pending";
  if (ended_) phase = exit_code_ == 0 && launched_ ? "Succeeded" : "Failed";
  for (const auto& [name, port] : places_.ports)
    result["metadata"]["annotations"]["lotse.dev/port." + name] = std::to_string(port);
  const json& container = object_.at("spec").at("containers").at(0);
  const bool is_ready = ready_ && !ended_;
  json ready = condition("Ready", is_ready, is_ready ? "" : "ContainersNotReady");
  ready["lastTransitionTime"] = ready_changed_.empty() ? start_time_ : ready_changed_;
  json scheduled = condition("PodScheduled", true);
  scheduled["lastTransitionTime"] = start_time_;
  result["status"] = {{"phase", phase},
                      {"podIP", "127.0.0.1"},
                      {"hostIP", "127.0.0.1"},
                      {"startTime", start_time_},
                      {"conditions", {scheduled, ready}},
                      {"containerStatuses",
                       {{{"name", container_name_},
                         {"image", object::text_at(container, {"image"})},
                         {"ready", is_ready},
                         {"started", started_},
                         {"restartCount", restarts_},
                         {"state", state_},
                         {"lastState", last_state_}}}}};
  return result;
}

}  // namespace lotse::local
