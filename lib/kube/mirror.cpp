#include "kube/mirror.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "kube/watch.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

using std::chrono::milliseconds;

}  // namespace

struct Mirror::Watched {
  Watched(Mirror& mirror, const object::Kind& what) : owner(mirror), kind(what) {
    const auto& space = owner.client_.name_space();
    WatchHandler handler{[this](WatchEvent event) { take(std::move(event)); },
                         [this] { return relist(); }};
    watch.emplace(owner.client_, watch_call(kind, space, owner.selector_), relist(),
                  std::move(handler), owner.clock_);
  }

  std::string relist() {
    const auto list = owner.client_.list(kind, owner.selector_);
    objects.clear();
    for (const auto& item : list.items) objects[object::name_of(item)] = item;
    ++generation;
    return list.resource_version;
  }

  void take(WatchEvent event) {
    event.object["apiVersion"] = kind.api_version;
    event.object["kind"] = kind.kind;
    const auto name = object::name_of(event.object);
    if (event.type == "DELETED")
      objects.erase(name);
    else
      objects[name] = std::move(event.object);
    ++generation;
  }

  Mirror& owner;
  const object::Kind& kind;
  std::map<std::string, json> objects;
  uint64_t generation = 0;
  std::optional<Watch> watch;
};

Mirror::Mirror(Client& client, const std::vector<const object::Kind*>& kinds, Selector selector,
               base::Clock& clock)
    : client_(client), selector_(std::move(selector)), clock_(clock) {
  for (const auto* kind : kinds) watched_.push_back(std::make_unique<Watched>(*this, *kind));
}

Mirror::~Mirror() = default;

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
  for (const auto& each : watched_) each->watch->tend();
}

void Mirror::wait(milliseconds timeout) {
  constexpr milliseconds longest_poll{500};  // a watch that ended is opened again within this time
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
