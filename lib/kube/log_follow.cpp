#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "kube/log_request.h"
#include "kube/mirror.h"
#include "kube/status.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours longest_silence{24};  // long, for a quiet program's stream is not dead
constexpr milliseconds pause_between_tries{500};
constexpr milliseconds grace_at_the_end{2000};
constexpr milliseconds longest_end{60'000};  // how long the end waits for a server that is away
constexpr milliseconds between_lists{1000};

/// The log of one container, over as many streams as it takes.
struct Source {
  std::string pod;
  std::string container;
  LogCursor cursor;
  std::optional<net::Transport::Stream> stream;
  uint64_t credentials = 0;       ///< the serial number of those that this stream was opened with
  int status = 0;                 ///< of this stream's answer, 0 before it
  std::string refusal;            ///< the body of an answer that is not 200
  bool opened_after_end = false;  ///< this stream holds all that there will be
  std::string instance;           ///< the process of the container that was read last
  bool of_previous = false;  ///< this stream is the rest of `instance`; its successor runs already
  bool complete = false;
  bool cut = false;  ///< the last stream broke off or was refused for now
  Clock::time_point due{};
  std::string told;  ///< the refusal that the user was last told of
};

class Follower {
 public:
  Follower(Client& client, const Selector& selector, PodFilter filter, const LogOptions& query,
           const LogSink& sink)
      : client_(client),
        selector_(selector),
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
      if (ended() && !ended_at) {
        ended_at = last_line_ = Clock::now();
        ended_ = true;
        ask_silent_ones();
      }
      if (ended_at) look_again();
      tend_sources();
      if (ended_at && listed_ && (all_read() || is_quiet())) return;
      if (ended_at && Clock::now() - *ended_at > longest_end) return warn_of_the_end();
      client_.transport().poll(ended_at ? milliseconds(50) : milliseconds(300));
    }
  }

 private:
  /// Lists the pods once more at the end, for the mirror may be behind: its watch may have been cut
  /// and be waiting before it goes on.
  void look_again() {
    if (Clock::now() < list_due_) return;
    list_due_ = Clock::now() + between_lists;
    try {
      listed_ = client_.list(pods(), selector_).items;
      present_of_ = {};
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::unreachable) throw;
      base::log_debug(1, error.what());
    }
  }

  /// The server begins to answer who follows a log with its first line. So whoever has printed
  /// nothing is asked for what there is, which is answered at once.
  void ask_silent_ones() {
    for (auto& [key, source] : sources_) {
      if (!source.stream || source.status != 0) continue;
      client_.transport().close(*source.stream);
      source.stream.reset();
      source.due = {};
    }
  }

  bool is_quiet() const {
    return Clock::now() - last_line_ > grace_at_the_end &&
           std::none_of(sources_.begin(), sources_.end(),
                        [this](const auto& entry) { return is_owed(entry.second); });
  }

  /// Whether more is to come, however slowly: an answer, a stream in place of one that was cut or
  /// refused for now, the rest of what a container that has ended has printed.
  bool is_owed(const Source& source) const {
    if (source.complete) return false;
    if (source.stream ? source.status == 0 : source.cut) return true;
    const auto pod = present_.find(source.pod);
    return pod != present_.end() && has_ended(pod->second, source.container);
  }

  void warn_of_the_end() const {
    const std::string missing = "its last lines may be missing: ";
    const std::string unreachable = "the server could not be reached";
    if (!listed_) base::log_warning("there may be more pods: " + unreachable);
    for (const auto& [key, source] : sources_)
      if (is_owed(source))
        warn(source, missing + (source.told.empty() ? unreachable : source.told));
  }

  /// Forgets the pods that are known when the mirror has changed, and not at each line: lines come
  /// far more often than pods change.
  void look_at_pods() {
    if (present_of_ == mirror_.generation()) return;
    present_of_ = mirror_.generation();
    present_.clear();
    for (auto& pod : listed_ ? *listed_ : mirror_.objects())
      if (filter_(pod)) present_[object::name_of(pod)] = pod;
  }

  void tend_sources() {
    look_at_pods();
    for (const auto& [name, pod] : present_)
      for (const auto& container : containers_of(pod)) tend(pod, name, container);
    for (auto& [key, source] : sources_) {
      if (present_.contains(source.pod) || source.stream || source.complete) continue;
      warn(source, "the pod was deleted; its last lines may be missing");
      source.complete = true;
    }
  }

  void tend(const json& pod, const std::string& name, const std::string& container) {
    auto& source = source_of(name, container);
    if (source.stream || source.complete || Clock::now() < source.due) return;
    if (!has_log(pod, container)) {
      if (has_ended(pod, container)) source.complete = true;
      return;
    }
    const auto instance = instance_of(container_status(pod, container));
    source.of_previous = !source.instance.empty() && source.instance != instance;
    if (!source.of_previous) source.instance = instance;
    open(source, ended_ || has_ended(pod, container));
  }

  Source& source_of(const std::string& pod, const std::string& container) {
    auto& source = sources_[pod + "/" + container];
    if (!source.pod.empty()) return source;
    source.pod = pod;
    source.container = container;
    source.cursor = LogCursor(query_.tail.has_value());
    return source;
  }

  void open(Source& source, bool has_ended) {
    source.opened_after_end = has_ended;
    source.status = 0;
    source.refusal.clear();
    net::StreamHandler handler;
    handler.on_head = [&source](const net::Response& head) { source.status = head.status; };
    handler.on_data = [this, &source](std::string_view bytes) {
      if (source.status == 200)
        source.cursor.feed(bytes, line_of(source), loss_of(source));
      else
        source.refusal += bytes;
    };
    handler.on_end = [this, &source](const std::optional<net::Failure>& failure) {
      close(source, failure);
    };
    LogOptions query = query_;
    query.previous = source.of_previous;
    query.follow = !source.of_previous && !ended_;
    const auto call = log_call(client_.name_space(), source.pod, source.container, query,
                               source.cursor.resume_at());
    source.stream = client_.open(call, std::move(handler), longest_silence);
    source.credentials = client_.credentials_serial();
  }

  void close(Source& source, const std::optional<net::Failure>& failure) {
    source.stream.reset();
    source.cut = failure.has_value();
    source.due = Clock::now() + pause_between_tries;
    const bool clean = !failure && source.status == 200;
    const bool whole = clean && (source.opened_after_end || source.of_previous);
    source.cursor.end(whole, line_of(source));
    if (whole && !source.of_previous) source.complete = true;
    if (whole && source.of_previous) begin_another(source);
    if (!failure && !clean) refused(source);
  }

  /// Goes on to the new process when the old one's log has been read, or is no longer there.
  static void begin_another(Source& source) {
    source.cursor.begin_another();
    source.instance.clear();
    source.due = {};
  }

  void refused(Source& source) {
    if (source.status == unauthorized && client_.can_renew_credentials(source.credentials)) {
      source.due = {};
      return;
    }
    net::Response response;
    response.status = source.status;
    response.body = source.refusal;
    const auto error = error_of({}, response);
    const bool for_good =
        error.kind() == base::ErrorKind::not_found || error.kind() == base::ErrorKind::invalid;
    const bool denied = error.kind() == base::ErrorKind::denied;
    if (denied) warn(source, error.what());
    source.cut = !for_good && !denied;
    if (denied || (for_good && source.opened_after_end))
      source.complete = true;
    else if (source.of_previous && for_good) {
      warn(source, "the end of its last attempt may be missing: " + std::string(error.what()));
      begin_another(source);
    }
    if (source.told != error.what()) base::log_debug(1, source.pod + ": " + error.what());
    source.told = error.what();
  }

  static void warn(const Source& source, const std::string& text) {
    base::log_warning("the log of pod/" + source.pod + ": " + text);
  }

  static LogCursor::Lost loss_of(const Source& source) {
    return [&source](const std::string& after, const std::string& before) {
      warn(source, "lines between " + after + " and " + before +
                       " may be missing: it was rotated while the connection was cut");
    };
  }

  LogCursor::Sink line_of(const Source& source) {
    return [this, &source](const std::string& time, const std::string& text) {
      last_line_ = Clock::now();
      sink_({.pod = source.pod, .time = time, .text = text, .container = source.container});
    };
  }

  bool all_read() const {
    return std::all_of(sources_.begin(), sources_.end(),
                       [](const auto& entry) { return entry.second.complete; });
  }

  Client& client_;
  Selector selector_;
  Mirror mirror_;
  std::optional<std::vector<json>> listed_;  // the pods, listed once nothing new will come
  std::map<std::string, json> present_;
  std::optional<uint64_t> present_of_;  // the mirror's generation that it shows
  Clock::time_point list_due_{};
  bool ended_ = false;  ///< nothing new will come, or is needed
  PodFilter filter_;
  LogOptions query_;
  const LogSink& sink_;
  std::map<std::string, Source> sources_;       // addresses stay: handlers point at them
  Clock::time_point last_line_ = Clock::now();  ///< that was new: old ones come again
};

}  // namespace

void follow_logs(Client& client, const Selector& selector, const PodFilter& filter,
                 const LogOptions& query, const LogSink& sink, const std::function<bool()>& ended) {
  Follower(client, selector, filter, query, sink).run(ended);
}

}  // namespace lotse::kube
