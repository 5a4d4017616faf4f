#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/strings.h"
#include "local/controller.h"
#include "local/local.h"
#include "local/proxy.h"
#include "local/state.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

using namespace std::chrono_literals;

int wake_fd = -1;
volatile sig_atomic_t asked_to_end = 0;
volatile sig_atomic_t asked_to_look = 0;

void wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(wake_fd, &one, sizeof one);
}

void on_signal(int number) {
  if (number == SIGTERM || number == SIGINT) asked_to_end = 1;
  if (number == SIGHUP) asked_to_look = 1;
  wake();
}

void install_handlers() {
  wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

/// A Service with its ports here.
struct LocalService {
  json object;
  std::vector<std::unique_ptr<Proxy>> proxies;  ///< one for each of spec.ports
};

bool selects(const json& service, const json& pod) {
  const json& selector = object::at(service, {"spec", "selector"});
  const json& labels = object::at(pod, {"metadata", "labels"});
  return !selector.empty() &&
         std::all_of(selector.items().begin(), selector.items().end(), [&](const auto& one) {
           return labels.contains(one.key()) && labels.at(one.key()) == one.value();
         });
}

class Supervisor {
 public:
  explicit Supervisor(const fs::path& folder) {
    host_.files = {folder};
    host_.claims = folder.parent_path().parent_path() / "claims";
    host_.wake = wake;
    past_ = read_json(host_.files.objects()).value_or(json::array()).get<std::vector<json>>();
    std::vector<std::string> left;
    for (const auto& object : past_)
      if (object::kind_of(object) == "Pod") left.push_back(object::name_of(object));
    kill_leftovers(left);
    end_lost_pods();
  }

  void run() {
    look();
    for (;;) {
      const auto next = tick();
      publish(false);
      if (idle() && retire()) return;
      wait(next);
    }
  }

 private:
  void end_lost_pods() {
    for (auto& object : past_) {
      if (object::kind_of(object) != "Pod") continue;
      const auto phase = object::text_at(object, {"status", "phase"});
      if (phase == "Succeeded" || phase == "Failed") continue;
      object["status"]["phase"] = "Failed";
      object["status"]["reason"] = "SupervisorLost";
    }
  }

  void look() {
    asked_to_look = 0;
    const json wanted = read_json(host_.files.wanted()).value_or(json::object());
    revision_ = object::number_at(wanted, {"revision"});
    stopped_ = object::flag_at(wanted, {"stopped"}) || asked_to_end != 0;
    host_.runner = object::text_at(wanted, {"runner"});
    host_.backoff = std::chrono::milliseconds(object::number_at(wanted, {"backoff"}, 1000));
    if (wanted.contains("grace") && !wanted["grace"].is_null())
      grace_ = std::chrono::seconds(wanted["grace"].get<int64_t>());
    else
      grace_.reset();
    const auto manifests = manifests_of(wanted);
    for (const auto& object : manifests)
      if (object::kind_of(object) == "ConfigMap")
        host_.config_maps[object::name_of(object)] = object;
    adopt(manifests);
    set_services(manifests);
    write_record("running");
  }

  /// Controllers for what is wanted; those of what is not wanted any more end their pods.
  void adopt(const std::vector<json>& manifests) {
    std::map<std::string, std::unique_ptr<Controller>> before = std::move(controllers_);
    controllers_.clear();
    for (const auto& object : manifests) {
      if (object::kind_of(object) != "Job" && object::kind_of(object) != "Deployment") continue;
      const std::string uid = object::uid_of(object);
      const auto found = before.find(uid);
      auto& controller = controllers_[uid];
      if (found != before.end()) {
        controller = std::move(found->second);
        before.erase(found);
        controller->update(object);
      } else {
        controller = object::kind_of(object) == "Job" ? make_job(object, host_, past_of(uid))
                                                      : make_deployment(object, host_, {});
      }
      controller->set_stopped(stopped_, grace_);
    }
    for (auto& [uid, controller] : before) {
      controller->set_stopped(true, grace_);
      leaving_.push_back(std::move(controller));
    }
    tidy_past();
  }

  /// Replaced Jobs stay as a record with their pods and logs, unless a Job of that name is wanted
  /// again; of everything else only what is wanted is kept.
  void tidy_past() {
    const auto kept = [&](const json& one) {
      if (object::kind_of(one) != "Job" && object::kind_of(one) != "Pod") return false;
      const auto job_name = object::text_at(job_of(one), {"name"});
      if (job_name.empty()) return false;
      return std::none_of(controllers_.begin(), controllers_.end(), [&](const auto& entry) {
        const json& object = entry.second->object();
        return object::kind_of(object) == "Job" && object::name_of(object) == job_name;
      });
    };
    for (const auto& one : past_) {
      std::error_code ignored;
      if (object::kind_of(one) == "Pod" && !kept(one))
        fs::remove_all(host_.files.pod(object::name_of(one)), ignored);
    }
    std::erase_if(past_, [&](const json& one) { return !kept(one); });
  }

  std::vector<json> past_of(const std::string& uid) {
    std::vector<json> mine;
    for (const auto& one : past_) {
      if (object::uid_of(one) == uid || object::text_at(owner_of(one), {"uid"}) == uid)
        mine.push_back(one);
    }
    std::erase_if(past_, [&](const json& one) {
      return std::find(mine.begin(), mine.end(), one) != mine.end();
    });
    return mine;
  }

  void set_services(const std::vector<json>& manifests) {
    std::map<std::string, LocalService> before = std::move(services_);
    services_.clear();
    for (const auto& object : manifests) {
      if (object::kind_of(object) != "Service") continue;
      const std::string name = object::name_of(object);
      auto& service = services_[name];
      if (const auto found = before.find(name); found != before.end())
        service = std::move(found->second);
      service.object = object;
      const bool headless = object::text_at(object, {"spec", "clusterIP"}) == "None";
      const size_t ports = headless ? 0 : object::list_at(object, {"spec", "ports"}).size();
      while (service.proxies.size() > ports) service.proxies.pop_back();
      while (service.proxies.size() < ports)
        service.proxies.push_back(std::make_unique<Proxy>(past_port(name, service.proxies.size())));
    }
  }

  /// The port that a supervisor before this one had, so that addresses stay.
  int past_port(const std::string& service, size_t index) const {
    const auto text = read_json(host_.files.supervisor()).value_or(json::object());
    const auto& ports = object::list_at(text, {"services", service.c_str()});
    return index < ports.size() ? ports[index].get<int>() : 0;
  }

  std::vector<Controller*> all() const {
    std::vector<Controller*> list;
    list.reserve(controllers_.size() + leaving_.size());
    for (const auto& [uid, controller] : controllers_) list.push_back(controller.get());
    for (const auto& controller : leaving_) list.push_back(controller.get());
    return list;
  }

  SteadyTime tick() {
    // Without its folder nobody could end this workload any more.
    if (!fs::exists(host_.files.folder)) asked_to_end = 1;
    if (asked_to_end != 0 && !stopped_) {
      stopped_ = true;
      for (auto* controller : all()) controller->set_stopped(true, grace_);
    }
    if (asked_to_look != 0) look();
    const auto now = std::chrono::steady_clock::now();
    SteadyTime next = SteadyTime::max();
    for (auto* controller : all()) next = std::min(next, controller->tick(now));
    drop_left();
    set_backends();
    return next;
  }

  void drop_left() {
    for (auto& controller : leaving_) {
      if (!controller->idle()) continue;
      for (auto& one : controller->objects()) past_.push_back(std::move(one));
      controller.reset();
    }
    if (std::erase(leaving_, nullptr) > 0) tidy_past();
  }

  void set_backends() {
    for (auto& [name, service] : services_) {
      const auto& ports = object::list_at(service.object, {"spec", "ports"});
      for (size_t i = 0; i < service.proxies.size(); ++i) {
        const auto& given = object::at(ports[i], {"targetPort"});
        const auto& target = given.is_null() ? object::at(ports[i], {"port"}) : given;
        std::vector<int> backends;
        for (auto* controller : all())
          for (const auto& pod : controller->pods())
            if (pod->ready() && selects(service.object, pod->object()) && pod->port(target) > 0)
              backends.push_back(pod->port(target));
        service.proxies[i]->set_backends(std::move(backends));
      }
    }
  }

  std::vector<json> objects() const {
    std::vector<json> result;
    for (const auto& [name, service] : services_) {
      json object = service.object;
      const auto& ports = object::list_at(service.object, {"spec", "ports"});
      for (size_t i = 0; i < service.proxies.size(); ++i) {
        const auto address = base::cat("127.0.0.1:", service.proxies[i]->port());
        auto& annotations = object["metadata"]["annotations"];
        if (i == 0) annotations["lotse.dev/url"] = "http://" + address;
        const auto name_or_place = object::text_at(ports[i], {"name"}, std::to_string(i).c_str());
        annotations["lotse.dev/address." + name_or_place] = address;
      }
      result.push_back(std::move(object));
    }
    for (const auto* controller : all())
      for (auto& object : controller->objects()) result.push_back(std::move(object));
    result.insert(result.end(), past_.begin(), past_.end());
    return result;
  }

  /// Every write is flushed, so changes that come close together share one; what cannot be written
  /// is tried again after a while.
  void publish(bool now_please) {
    constexpr auto pause = 30ms;
    constexpr auto pause_after_failure = 1s;
    const auto now = std::chrono::steady_clock::now();
    if (!now_please && now < write_at_) {
      dirty_ = true;
      return;
    }
    dirty_ = false;
    json current = objects();
    if (current == written_) return;
    try {
      write_json(host_.files.objects(), current);
      written_ = std::move(current);
      write_at_ = now + pause;
      tell("");
    } catch (const std::exception& e) {
      tell(e.what());
      dirty_ = true;
      write_at_ = now + pause_after_failure;
    }
  }

  /// Into the supervisor's log: a trouble once, however long it lasts, and its end ("").
  void tell(const std::string& trouble) {
    if (trouble == told_) return;
    std::cerr << timestamp() << " " << (trouble.empty() ? "well again" : trouble) << std::endl;
    told_ = trouble;
  }

  void write_record(const std::string& state) {
    json services = json::object();
    for (const auto& entry : services_)
      for (const auto& proxy : entry.second.proxies) services[entry.first].push_back(proxy->port());
    write_json(host_.files.supervisor(), {{"pid", ::getpid()},
                                          {"start", process_start_time(::getpid()).value_or(0)},
                                          {"state", state},
                                          {"services", services}});
  }

  bool idle() const {
    const auto list = all();
    return std::all_of(list.begin(), list.end(), [](const Controller* one) { return one->idle(); });
  }

  /// Ends the supervision, unless something else was asked for in the meantime: apply holds the
  /// same lock while it writes, so it finds either a supervisor that will look or none. Who is
  /// asked to end does so even where the lock or the last state cannot be had.
  bool retire() {
    constexpr auto patience = 5s;
    const auto now = std::chrono::steady_clock::now();
    if (asked_to_end != 0 && !retiring_since_) retiring_since_ = now;
    const bool overdue = retiring_since_ && now - *retiring_since_ > patience;
    try {
      auto lock = FileLock::take(host_.files.lock(), 100ms);
      if (!lock) return overdue || !fs::exists(host_.files.folder);
      const json wanted = read_json(host_.files.wanted()).value_or(json::object());
      if (object::number_at(wanted, {"revision"}) != revision_) {
        asked_to_look = 1;
        return false;
      }
      publish(true);
      write_record(stopped_ ? "stopped" : "ended");
      host_lock_.reset();
      return true;
    } catch (const std::exception& e) {
      tell(e.what());
      return overdue;
    }
  }

  void wait(SteadyTime next) {
    std::vector<pollfd> list = {{wake_fd, POLLIN, 0}};
    for (auto* controller : all())
      for (const auto& pod : controller->pods()) pod->add_descriptors(list);
    const auto now = std::chrono::steady_clock::now();
    if (dirty_) next = std::min(next, write_at_);
    if (asked_to_look != 0 || idle()) next = std::min(next, now + 20ms);
    int timeout = 5'000;
    if (next != SteadyTime::max())
      timeout = static_cast<int>(std::clamp<int64_t>(
          std::chrono::ceil<std::chrono::milliseconds>(next - now).count(), 0, 5'000));
    ::poll(list.data(), list.size(), timeout);
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t ignored = ::read(wake_fd, &count, sizeof count);
  }

 public:
  std::optional<FileLock> host_lock_;  ///< supervisor.lock

 private:
  PodHost host_;
  std::map<std::string, std::unique_ptr<Controller>> controllers_;  ///< by uid
  std::vector<std::unique_ptr<Controller>> leaving_;
  std::map<std::string, LocalService> services_;
  std::vector<json> past_;
  int64_t revision_ = 0;
  bool stopped_ = false, dirty_ = false;
  std::optional<std::chrono::milliseconds> grace_;
  json written_;
  SteadyTime write_at_{};  ///< not before
  std::string told_;
  std::optional<SteadyTime> retiring_since_;
};

/// In the background, without anything of whoever called us.
int in_the_background(const fs::path& folder, int ready_fd) {
  ::setsid();
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  std::optional<FileLock> lock = FileLock::take(WorkloadFiles{folder}.supervisor_lock(), 1s);
  if (!lock) return 1;
  install_handlers();
  try {
    Supervisor supervisor(folder);
    supervisor.host_lock_.emplace(std::move(*lock));
    [[maybe_unused]] const ssize_t ignored = ::write(ready_fd, "1", 1);
    ::close(ready_fd);
    supervisor.run();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << timestamp() << " the supervisor fails: " << e.what() << std::endl;
    return 1;
  }
}

}  // namespace

int supervise(const std::filesystem::path& folder) {
  ::close_range(3, ~0U, 0);
  int ready[2] = {-1, -1};
  if (::pipe2(ready, O_CLOEXEC) != 0) return 1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ready[0]);
    return in_the_background(folder, ready[1]);
  }
  ::close(ready[1]);
  char byte = 0;
  const bool good = child > 0 && ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  return good ? 0 : 1;
}

}  // namespace lotse::local
