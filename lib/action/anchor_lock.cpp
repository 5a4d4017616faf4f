#include "action/anchor_lock.h"

#include <unistd.h>

#include <ctime>
#include <random>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"
#include "workload/state.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using workload::annotation_writing;

constexpr std::string_view own_prefix = "lotse.dev/";

const object::Kind& config_maps() {
  return *object::find_kind("v1", "ConfigMap");
}

/// This process, in words that help to find it.
std::string holder_name() {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  return base::cat(host, ", process ", ::getpid());
}

json annotation(const json& value) {
  return {{"metadata", {{"annotations", {{annotation_writing, value}}}}}};
}

/// The mark in an anchor; null if there is none, or nothing that could be read.
json mark_of(const json& anchor) {
  const auto text = object::text_at(anchor, {"metadata", "annotations", annotation_writing});
  const json mark = json::parse(text, nullptr, false);
  return mark.is_object() ? mark : json();
}

/// Seconds since `mark` was written or renewed; a time that cannot be read is long ago.
int64_t age_of(const json& mark) {
  std::tm time{};
  const auto text = object::text_at(mark, {"time"});
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time) == nullptr)
    return AnchorLock::stale_after.count();
  return static_cast<int64_t>(std::time(nullptr) - ::timegm(&time));
}

void check_holder(const json& seen, const std::string& content) {
  const auto mark = mark_of(seen);
  if (mark.is_null() || object::text_at(mark, {"content"}) == content) return;
  const auto name = object::name_of(seen);
  const auto holder = object::text_at(mark, {"holder"});
  const auto age = age_of(mark);
  if (age < AnchorLock::stale_after.count())
    throw Error(ErrorKind::conflict,
                base::cat("another command changes '", name, "' at this moment (on ", holder, ")"),
                base::cat("try again once it has ended; what it leaves undone is taken over after ",
                          AnchorLock::stale_after.count(), " s"));
  base::log_warning(base::cat("'", name, "': taking over from a command that ended in the middle (",
                              holder, ", ", age, " s ago)"));
}

}  // namespace

std::string holder_of(const json& anchor) {
  return object::text_at(mark_of(anchor), {"holder"});
}

json anchor_change(const json& seen, const json& anchor) {
  json change = {{"metadata", {{"labels", anchor["metadata"].value("labels", json::object())}}},
                 {"data", anchor.value("data", json::object())}};
  auto& annotations = change["metadata"]["annotations"];
  annotations = anchor["metadata"].value("annotations", json::object());
  const auto known = seen["metadata"].value("annotations", json::object());
  for (const auto& [key, unused] : known.items())
    if (key.starts_with(own_prefix) && !annotations.contains(key)) annotations[key] = nullptr;
  const auto data = seen.value("data", json::object());
  for (const auto& [key, unused] : data.items())
    if (!change["data"].contains(key)) change["data"][key] = nullptr;
  return change;
}

std::optional<AnchorLock> AnchorLock::take(kube::Client& client, const json& seen,
                                           const json& anchor, const std::string& content) {
  if (!seen.is_null()) check_holder(seen, content);
  AnchorLock lock(client, seen,
                  {{"content", content},
                   {"holder", holder_name()},
                   {"id", std::to_string(std::random_device()())},
                   {"time", base::timestamp_now()}});
  lock.written_ = std::chrono::steady_clock::now();
  const json mark = annotation(lock.mark_.dump());
  try {
    if (seen.is_null()) {
      json marked = anchor;
      marked.merge_patch(mark);
      lock.anchor_ = client.create(marked);
    } else {
      auto change = anchor_change(seen, anchor);
      change.merge_patch(mark);
      change["metadata"]["resourceVersion"] = seen["metadata"]["resourceVersion"];
      lock.anchor_ = client.patch(config_maps(), object::name_of(seen), change);
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::conflict && error.kind() != ErrorKind::not_found) throw;
    return std::nullopt;
  }
  return lock;
}

bool AnchorLock::is_held() {
  const auto now = client_.find(config_maps(), object::name_of(anchor_));
  if (!now || object::uid_of(*now) != object::uid_of(anchor_) ||
      object::text_at(mark_of(*now), {"id"}) != object::text_at(mark_, {"id"}))
    return false;
  anchor_ = *now;
  return true;
}

/// Others may write what is theirs into the anchor, so a conflict alone does not mean that the lock
/// is lost.
bool AnchorLock::patch(json change) {
  do {
    try {
      change["metadata"]["resourceVersion"] = anchor_["metadata"]["resourceVersion"];
      anchor_ = client_.patch(config_maps(), object::name_of(anchor_), change);
      written_ = std::chrono::steady_clock::now();
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::conflict && error.kind() != ErrorKind::not_found) throw;
    }
  } while (is_held());
  return false;
}

void AnchorLock::renew() {
  if (std::chrono::steady_clock::now() - written_ < renewed_every) return;
  mark_["time"] = base::timestamp_now();
  if (!patch(annotation(mark_.dump())))
    throw Error(ErrorKind::conflict,
                "another command has taken over '" + object::name_of(anchor_) + "'");
}

void AnchorLock::release() {
  if (patch(annotation(nullptr))) return;
  const auto name = object::name_of(anchor_);
  const auto now = client_.find(config_maps(), name);
  if (!now || object::uid_of(*now) != object::uid_of(anchor_))
    throw Error(ErrorKind::conflict, "'" + name + "' was deleted at the same moment");
}

void AnchorLock::undo() {
  const auto name = object::name_of(anchor_);
  if (seen_.is_null()) {
    client_.remove(config_maps(), name,
                   {kube::Propagation::background, object::uid_of(anchor_),
                    object::text_at(anchor_, {"metadata", "resourceVersion"})});
    return;
  }
  auto change = anchor_change(anchor_, seen_);
  change["metadata"]["annotations"][annotation_writing] = nullptr;
  patch(change);
}

}  // namespace lotse::action
