#include "workload/event_row.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::workload {

namespace {

using object::number_at;
using object::text_at;

std::string first_of(const json& event, std::initializer_list<object::Path> paths) {
  for (const auto& path : paths)
    if (auto text = text_at(event, path); !text.empty()) return text;
  return "";
}

bool consists_of(std::string_view text, const char* letters) {
  return text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_index(std::string_view part) {
  return !part.empty() && consists_of(part, "0123456789");
}
/// The letters of Kubernetes' random endings, which spell no word.
bool is_random(std::string_view part, size_t longest) {
  return part.size() >= 5 && part.size() <= longest &&
         consists_of(part, "bcdfghjklmnpqrstvwxz2456789");
}
bool is_digest(std::string_view part, size_t size) {
  return part.size() == size && consists_of(part, "0123456789abcdef");
}

/// The name, and those of what may have made an object that is called so: a pod is
/// JOB-INDEX-RANDOM, JOB-RANDOM or SET-RANDOM, a set DEPLOYMENT-HASH, a Job WORKLOAD-CONTENT,
/// what Kueue keeps of a Job (its kind is Workload) job-JOB-HASH.
std::vector<std::string> makers_of(const std::string& kind, const std::string& name) {
  std::vector<std::string> names = {name};
  const auto strip = [&](const auto& is_it) {
    const auto dash = names.back().rfind('-');
    if (dash == std::string::npos || !is_it(std::string_view(names.back()).substr(dash + 1)))
      return false;
    names.push_back(names.back().substr(0, dash));
    return true;
  };
  const auto strip_digest = [&](size_t size) {
    return strip([size](std::string_view part) { return is_digest(part, size); });
  };
  constexpr size_t ending = 5, hash = 10, content = 8;
  constexpr std::string_view kueue = "job-";
  if (kind == "Pod") {
    if (!strip([](std::string_view part) { return is_random(part, ending); })) return names;
    strip(is_index);
  } else if (kind == "Workload") {
    if (!name.starts_with(kueue) || !strip_digest(ending)) return names;
    names.push_back(names.back().substr(kueue.size()));
  }
  const bool of_job = kind == "Pod" || kind == "Job" || kind == "Workload";
  if (of_job && strip_digest(content)) return names;
  if (kind == "Pod" || kind == "ReplicaSet")
    strip([](std::string_view part) { return is_random(part, hash); });
  return names;
}

/// Kubernetes' own libraries call an Event SUBJECT.NANOSECONDS.
std::string nanoseconds_in(const std::string& name) {
  constexpr size_t digits = 16;
  const auto part = name.substr(name.rfind('.') + 1);
  return is_digest(part, digits) ? part : "";
}

/// Of RFC 3339: "2026-11-24T10:00:00".
std::string_view to_the_second(std::string_view time) {
  return time.substr(0, 19);
}

}  // namespace

EventRow read_event(const json& event) {
  EventRow row;
  const json& subject = object::subject_of(event);
  row.type = text_at(event, {"type"});
  row.reason = text_at(event, {"reason"});
  row.object = base::lower(text_at(subject, {"kind"})) + "/" + text_at(subject, {"name"});
  row.message = object::event_words(event);
  row.source = first_of(event, {{"reportingController"},
                                {"reportingComponent"},
                                {"deprecatedSource", "component"},
                                {"source", "component"}});
  row.count = std::max({row.count, number_at(event, {"series", "count"}),
                        number_at(event, {"count"}), number_at(event, {"deprecatedCount"})});
  row.first = first_of(event, {{"firstTimestamp"},
                               {"deprecatedFirstTimestamp"},
                               {"eventTime"},
                               {"metadata", "creationTimestamp"}});
  row.last = object::event_time(event);
  row.nanoseconds = nanoseconds_in(object::name_of(event));
  return row;
}

std::vector<EventRow> merged(std::vector<EventRow> rows) {
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, EventRow> known;
  for (auto& row : rows) {
    auto [entry, is_new] =
        known.try_emplace(Key(row.object, row.type, row.reason, row.message), std::move(row));
    if (is_new) continue;
    auto& same = entry->second;
    same.count += row.count;
    same.nanoseconds = std::max(same.nanoseconds, row.nanoseconds);
    same.first = std::min(same.first, row.first);
    same.last = std::max(same.last, row.last);
  }
  rows.clear();
  for (auto& [key, row] : known) rows.push_back(std::move(row));
  std::stable_sort(rows.begin(), rows.end(), [](const EventRow& a, const EventRow& b) {
    return std::pair(to_the_second(a.last), std::string_view(a.nanoseconds)) <
           std::pair(to_the_second(b.last), std::string_view(b.nanoseconds));
  });
  return rows;
}

void Subjects::add(const std::string& workload, const Snapshot& objects) {
  workloads_[workload] = workload;
  for (const auto& each : objects)
    if (object::kind_of(each) != "Event") workloads_.emplace(object::name_of(each), workload);
}

std::string Subjects::workload_of(const json& event) const {
  const json& subject = object::subject_of(event);
  for (const auto& name : makers_of(text_at(subject, {"kind"}), text_at(subject, {"name"})))
    if (const auto found = workloads_.find(name); found != workloads_.end()) return found->second;
  return "";
}

json to_json(const EventRow& row) {
  return {{"workload", row.workload}, {"type", row.type},       {"reason", row.reason},
          {"object", row.object},     {"message", row.message}, {"source", row.source},
          {"count", row.count},       {"first", row.first},     {"last", row.last}};
}

}  // namespace lotse::workload
