#include "kube/mirror.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "kube/status.h"
#include "kube/watch_event.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds first_pause{800};
constexpr milliseconds longest_pause{30'000};
constexpr seconds healthy{120};
constexpr seconds silence{600};  // longer than the server lets a watch live
constexpr int unauthorized = 401;
constexpr int forbidden = 403;
constexpr int gone = 410;

}  // namespace

struct Mirror::Watched {
  Watched(Mirror& mirror, const object::Kind& what) : owner(mirror), kind(what) {}

  void relist() {
    const auto list = owner.client_.list(kind, owner.selector_);
    objects.clear();
    for (const auto& item : list.items) objects[object::name_of(item)] = item;
    version = list.resource_version;
    ++generation;
  }

  void open() {
    decoder = {};
    status = 0;
    brought = false;
    opened = owner.clock_.now();
    net::StreamHandler handler;
    handler.on_head = [this](const net::Response& head) { status = head.status; };
    handler.on_data = [this](std::string_view bytes) { read(bytes); };
    handler.on_end = [this](const std::optional<net::Failure>& failure) { ended(failure); };
    const auto call = watch_call(kind, owner.client_.name_space(), owner.selector_, version);
    stream = owner.client_.open(call, std::move(handler), silence);
  }

  void read(std::string_view bytes) {
    if (status != 200) {
      body += bytes;
      return;
    }
    try {
      decoder.feed(bytes, [this](WatchEvent event) { take(std::move(event)); });
    } catch (const base::Error& error) {
      broken = true;
      base::log_debug(1, error.what());
    }
  }

  void take(WatchEvent event) {
    if (event.type == "ERROR") {
      must_relist = event.object.value("code", 0) == gone;
      return;
    }
    brought = true;
    version = event.object["metadata"].value("resourceVersion", version);
    if (event.type == "BOOKMARK") return;
    event.object["apiVersion"] = kind.api_version;
    event.object["kind"] = kind.kind;
    const auto name = object::name_of(event.object);
    if (event.type == "DELETED")
      objects.erase(name);
    else
      objects[name] = std::move(event.object);
    ++generation;
  }

  void ended(const std::optional<net::Failure>& failure) {
    stream.reset();
    if (failure) base::log_debug(1, "watching " + kind.plural + ": " + failure->message);
    must_relist = must_relist || broken || status == gone;
    broken = false;
    if (status == unauthorized || status == forbidden) refused = true;
    // A watch that brought something was a good one, however soon a proxy cut it.
    const bool good = brought || owner.clock_.now() - opened > healthy;
    pause = good ? first_pause : std::min(pause * 2, longest_pause);
    due = owner.clock_.now() + pause;
  }

  void tend() {
    if (stream || owner.clock_.now() < due) return;
    if (refused) {
      net::Response response;
      response.status = status;
      response.body = body;
      throw error_of({}, response);
    }
    body.clear();
    try {
      if (must_relist) relist();
      must_relist = false;
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::unreachable) throw;
      pause = std::min(pause * 2, longest_pause);
      due = owner.clock_.now() + pause;
      return;
    }
    open();
  }

  Mirror& owner;
  const object::Kind& kind;
  std::map<std::string, json> objects;
  std::string version;
  uint64_t generation = 0;
  WatchDecoder decoder;
  std::optional<net::Transport::Stream> stream;
  int status = 0;
  std::string body;  ///< of an answer that is not 200
  bool must_relist = false;
  bool broken = false;
  bool brought = false;
  bool refused = false;
  base::Clock::Time opened{};
  base::Clock::Time due{};
  milliseconds pause = first_pause / 2;
};

Mirror::Mirror(Client& client, std::vector<const object::Kind*> kinds, Selector selector,
               base::Clock& clock)
    : client_(client), selector_(std::move(selector)), clock_(clock) {
  for (const auto* kind : kinds) {
    watched_.push_back(std::make_unique<Watched>(*this, *kind));
    watched_.back()->relist();
  }
}

Mirror::~Mirror() {
  for (const auto& each : watched_)
    if (each->stream) client_.transport().close(*each->stream);
}

std::vector<json> Mirror::objects() const {
  std::vector<json> all;
  for (const auto& each : watched_)
    for (const auto& [name, value] : each->objects) all.push_back(value);
  return all;
}

uint64_t Mirror::generation() const {
  uint64_t sum = 0;
  for (const auto& each : watched_) sum += each->generation;
  return sum;
}

void Mirror::tend() {
  for (const auto& each : watched_) each->tend();
}

void Mirror::wait(milliseconds timeout) {
  constexpr milliseconds longest_poll{500};  // a watch that ended is opened again within this
  const auto before = generation();
  const auto end = clock_.now() + timeout;
  while (generation() == before && !base::interrupted()) {
    tend();
    const auto left = std::chrono::duration_cast<milliseconds>(end - clock_.now());
    if (left.count() <= 0) return;
    client_.transport().poll(std::min(left, longest_poll));
  }
}

}  // namespace lotse::kube
