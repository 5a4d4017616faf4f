#include "kube/logs.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "kube/mirror.h"
#include "kube/status.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours longest_silence{24};  // a quiet program is no dead stream
constexpr milliseconds pause_between_tries{500};
constexpr milliseconds grace_at_the_end{2000};

const object::Kind& pods() {
  return *object::find_kind("v1", "Pod");
}

/// The status of one container, or null.
json container_status(const json& pod, const std::string& container) {
  const json::json_pointer at("/status/containerStatuses");
  if (!pod.contains(at)) return nullptr;
  for (const auto& status : pod.at(at))
    if (status.value("name", "") == container) return status;
  return nullptr;
}

bool has_log(const json& pod, const std::string& container) {
  const json status = container_status(pod, container);
  if (!status.is_object()) return false;
  return !status["state"].contains("waiting") || status.value("restartCount", 0) > 0;
}

bool has_ended(const json& pod, const std::string& container) {
  const auto phase = pod["status"].value("phase", "");
  if (phase != "Succeeded" && phase != "Failed") return false;
  const json status = container_status(pod, container);
  return !status.is_object() || !status["state"].contains("running");
}

std::vector<std::string> containers_of(const json& pod) {
  std::vector<std::string> names;
  for (const auto& container : pod["spec"]["containers"]) names.push_back(container["name"]);
  return names;
}

Call log_call(const std::string& space, const std::string& pod, const std::string& container,
              const LogQuery& query, const std::string& resume_at) {
  Call call;
  call.path = object::path_of(pods(), space, pod) + "/log";
  call.query = {{"container", container}, {"timestamps", "true"}};
  if (query.follow) call.query.emplace_back("follow", "true");
  if (query.previous) call.query.emplace_back("previous", "true");
  if (!resume_at.empty())
    call.query.emplace_back("sinceTime", resume_at);
  else if (query.since)
    call.query.emplace_back("sinceTime", *query.since);
  if (query.tail && resume_at.empty())
    call.query.emplace_back("tailLines", std::to_string(*query.tail));
  return call;
}

/// The log of one container, over as many streams as it takes.
struct Source {
  std::string pod;
  std::string container;
  LogCursor cursor;
  std::optional<net::Transport::Stream> stream;
  int status = 0;
  std::string refusal;            ///< the body of an answer that is not 200
  bool opened_after_end = false;  ///< this stream holds all that there will be
  bool complete = false;
  Clock::time_point due{};
  std::string told;  ///< the refusal that the user was last told of
};

class Follower {
 public:
  Follower(Client& client, const Selector& selector, PodFilter filter, const LogQuery& query,
           const LogSink& sink)
      : client_(client),
        mirror_(client, {&pods()}, selector),
        filter_(std::move(filter)),
        query_(query),
        sink_(sink) {}

  ~Follower() {
    for (auto& [key, source] : sources_)
      if (source.stream) client_.transport().close(*source.stream);
  }

  void run(const std::function<bool()>& ended) {
    std::optional<Clock::time_point> ended_at;
    while (!base::interrupted()) {
      mirror_.tend();
      tend_sources();
      if (ended()) {
        if (!ended_at) ended_at = last_data_ = Clock::now();
        if (all_read() || Clock::now() - last_data_ > grace_at_the_end) return;
      }
      client_.transport().poll(ended_at ? milliseconds(50) : milliseconds(300));
    }
  }

 private:
  void tend_sources() {
    std::map<std::string, json> present;
    for (auto& pod : mirror_.objects())
      if (filter_(pod)) present[object::name_of(pod)] = pod;
    for (const auto& [name, pod] : present)
      for (const auto& container : containers_of(pod)) tend(pod, name, container);
    for (auto& [key, source] : sources_)
      if (!present.contains(source.pod) && !source.stream) source.complete = true;
  }

  void tend(const json& pod, const std::string& name, const std::string& container) {
    auto& source = sources_[name + "/" + container];
    source.pod = name;
    source.container = container;
    if (source.stream || source.complete || Clock::now() < source.due) return;
    if (!has_log(pod, container)) {
      if (has_ended(pod, container)) source.complete = true;
      return;
    }
    open(source, has_ended(pod, container));
  }

  void open(Source& source, bool has_ended) {
    source.opened_after_end = has_ended;
    source.refusal.clear();
    net::StreamHandler handler;
    handler.on_head = [&source](const net::Response& head) { source.status = head.status; };
    handler.on_data = [this, &source](std::string_view bytes) {
      last_data_ = Clock::now();
      if (source.status == 200)
        source.cursor.feed(bytes, line_of(source));
      else
        source.refusal += bytes;
    };
    handler.on_end = [this, &source](const std::optional<net::Failure>& failure) {
      close(source, failure);
    };
    const auto call = log_call(client_.name_space(), source.pod, source.container, query_,
                               source.cursor.resume_at());
    source.stream = client_.open(call, std::move(handler), longest_silence);
  }

  void close(Source& source, const std::optional<net::Failure>& failure) {
    source.stream.reset();
    source.due = Clock::now() + pause_between_tries;
    const bool whole = !failure && source.status == 200 && source.opened_after_end;
    source.cursor.end(whole, line_of(source));
    if (whole) {
      source.complete = true;
      return;
    }
    if (failure || source.status == 200) return;
    net::Response response;
    response.status = source.status;
    response.body = source.refusal;
    const auto error = error_of({}, response);
    const bool gone = error.kind() == base::ErrorKind::not_found;
    if (error.kind() == base::ErrorKind::denied || (gone && source.opened_after_end))
      source.complete = true;
    if (source.told != error.what()) base::log_debug(1, source.pod + ": " + error.what());
    source.told = error.what();
  }

  LogCursor::Sink line_of(const Source& source) {
    return [this, &source](const std::string& time, const std::string& text) {
      sink_({source.pod, source.container, time, text});
    };
  }

  bool all_read() const {
    return std::all_of(sources_.begin(), sources_.end(),
                       [](const auto& entry) { return entry.second.complete; });
  }

  Client& client_;
  Mirror mirror_;
  PodFilter filter_;
  LogQuery query_;
  const LogSink& sink_;
  std::map<std::string, Source> sources_;  // addresses stay: handlers point at them
  Clock::time_point last_data_ = Clock::now();
};

void read_once(Client& client, const json& pod, const LogQuery& query, const LogSink& sink) {
  const auto name = object::name_of(pod);
  for (const auto& container : containers_of(pod)) {
    const auto response = client.send(log_call(client.name_space(), name, container, query, ""));
    if (!response.ok()) {
      const auto error = error_of({}, response);
      if (error.kind() == base::ErrorKind::denied) throw base::Error(error);
      base::log_warning(name + ": " + error.what());
      continue;
    }
    LogCursor cursor;
    const auto line = [&](const std::string& time, const std::string& text) {
      sink({name, container, time, text});
    };
    cursor.feed(response.body, line);
    cursor.end(true, line);
  }
}

}  // namespace

void read_logs(Client& client, const Selector& selector, const PodFilter& filter,
               const LogQuery& query, const LogSink& sink, const std::function<bool()>& ended) {
  if (query.follow && !query.previous) {
    Follower(client, selector, filter, query, sink).run(ended);
    return;
  }
  for (const auto& pod : client.list(pods(), selector).items)
    if (filter(pod)) read_once(client, pod, query, sink);
}

}  // namespace lotse::kube
