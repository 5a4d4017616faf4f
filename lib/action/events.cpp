#include "action/events.h"

#include <set>

#include "base/error.h"
#include "kube/lists.h"
#include "object/member.h"
#include "object/snapshot.h"

namespace lotse::action {

namespace {

using nlohmann::json;

/// The server looks through every Event of the namespace for each question.
constexpr size_t most_questions = 4;

struct Group {
  const char* version;
  const char* about;  ///< the field selector for the name of the object that an Event is about
};

std::vector<json> events_of(kube::Client& client, const Group& group,
                            const std::vector<std::string>& names) {
  const auto& kind = *object::find_kind(group.version, "Event");
  std::vector<kube::ListQuery> queries;
  if (names.size() > most_questions) {
    queries.push_back({&kind, {"", "type=Warning"}});
  } else {
    for (const auto& name : names)
      queries.push_back({&kind, {"", std::string(group.about) + "=" + name}});
  }
  const std::set<std::string> wanted(names.begin(), names.end());
  std::vector<json> events;
  kube::each_of_all(client, queries, {{"metadata", "managedFields"}},
                    [&](size_t, std::string_view text) {
                      json event = json::parse(text, nullptr, false);
                      if (!event.is_object()) return;
                      if (wanted.contains(object::text_at(object::subject_of(event), {"name"})))
                        events.push_back(std::move(event));
                    });
  return events;
}

}  // namespace

std::vector<json> events_about(kube::Client& client, const std::vector<std::string>& names) {
  static constexpr Group groups[] = {{"events.k8s.io/v1", "regarding.name"},
                                     {"v1", "involvedObject.name"}};
  if (names.empty()) return {};
  for (const auto& group : groups) {
    try {
      return events_of(client, group, names);
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::denied) throw;
    }
  }
  return {};
}

}  // namespace lotse::action
