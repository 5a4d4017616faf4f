#include "action/scheduled.h"

#include <algorithm>
#include <ctime>

#include "action/cluster.h"
#include "action/obstacles.h"
#include "action/others_fields.h"
#include "action/workload_kinds.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/zone.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/schedule.h"

namespace lotse::action {

namespace {

std::string annotation(const json& object, const char* name) {
  return object::text_at(object, {"metadata", "annotations", name});
}

bool has_set(const json& live, const char* field) {
  const auto owners = owners_of(live, field);
  return std::any_of(owners.begin(), owners.end(), [](const json* each) {
    return object::text_at(*each, {"manager"}) == schedule_manager;
  });
}

bool changes_schedule(const Tried& tried) {
  return object::kind_of(tried.after) == "CronJob" &&
         object::at(tried.after, {"spec"}) != object::at(tried.before, {"spec"});
}

bool is_grant(const json& object) {
  const auto kind = object::kind_of(object);
  return kind == "ServiceAccount" || kind == "Role" || kind == "RoleBinding";
}

constexpr auto without_grant =
    "--service-account NAME takes one that is there, whose Role lets it patch deployments/scale of "
    "this name, or with --max horizontalpodautoscalers";

}  // namespace

void ScheduledCounts::leave(std::vector<json>& wanted, const std::vector<json>& live) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    const char* field = count_field(wanted[i]);
    if (field == nullptr || !object::at(wanted[i], {"spec", field}).is_number()) continue;
    json& count = wanted[i]["spec"][field];
    const bool scheduled = is_scheduled(wanted[i]);
    const json& now = object::at(live[i], {"spec", field});
    if (!now.is_number()) {
      if (scheduled) count = count_now(wanted[i], count).value_or(count);
      continue;
    }
    if (scheduled)
      scheduled_ = {i, count};
    else if (now != count && has_set(live[i], field))
      counts_.push_back({i, count});
    else
      continue;
    count = now;
  }
}

std::vector<ScheduledCounts::Count> ScheduledCounts::due(const std::vector<json>& wanted,
                                                         const std::vector<Tried>& tried) const {
  auto counts = counts_;
  if (scheduled_ && std::any_of(tried.begin(), tried.end(), changes_schedule)) {
    const auto& object = wanted[scheduled_->of];
    const auto count = count_now(object, scheduled_->count);
    if (count && object::at(object, {"spec", count_field(object)}) != *count)
      counts.push_back({scheduled_->of, *count});
  }
  return counts;
}

void ScheduledCounts::set(kube::Client& client, const std::vector<json>& wanted,
                          const std::vector<Tried>& tried) const {
  for (const auto& [of, count] : due(wanted, tried))
    set_count(client, object::kind_of(wanted[of]), object::name_of(wanted[of]), count);
}

void ScheduledCounts::show(const std::vector<json>& wanted, std::vector<Tried>& tried) const {
  for (const auto& [of, count] : due(wanted, tried))
    tried[of].after["spec"][count_field(wanted[of])] = count;
}

void check_may_grant(Target& target, const std::vector<json>& objects) {
  std::vector<json> grants;
  std::copy_if(objects.begin(), objects.end(), std::back_inserter(grants), is_grant);
  if (target.cluster() == nullptr || grants.empty()) return;
  if (const auto missing = missing_rights(target.cluster()->client(), grants))
    throw base::Error(base::ErrorKind::denied, missing->text, without_grant);
}

void refuse_grant(const json& object, const base::Error& refusal) {
  if (is_grant(object)) throw base::Error(refusal.kind(), refusal.what(), without_grant);
}

const char* count_field(const json& object) {
  const auto kind = object::kind_of(object);
  if (kind == "Deployment") return "replicas";
  return kind == "HorizontalPodAutoscaler" ? "minReplicas" : nullptr;
}

bool is_scheduled(const json& object) {
  return count_field(object) != nullptr &&
         !annotation(object, workload::annotation_schedule).empty();
}

std::optional<int64_t> count_now(const json& object, int64_t otherwise) {
  const auto zone = annotation(object, workload::annotation_time_zone);
  const auto minute = base::minute_of_week(zone, std::time(nullptr));
  if (minute)
    return object::Schedule::parse(annotation(object, workload::annotation_schedule))
        .at(*minute, otherwise);
  base::log_warning("this machine does not know the time zone " + zone +
                    ": the schedule counts from its next change on");
  return std::nullopt;
}

void set_count(kube::Client& client, const std::string& kind_name, const std::string& name,
               int64_t count) {
  if (kind_name == "Deployment")
    client.scale(kind("apps/v1", "Deployment"), name, count, schedule_manager);
  else
    client.patch(kind("autoscaling/v2", kind_name.c_str()), name,
                 {{"spec", {{"minReplicas", count}}}}, false, schedule_manager);
}

void set_count(Target& target, const std::string& kind_name, const std::string& name,
               int64_t count) {
  if (target.cluster() == nullptr)
    throw base::Error({{"--unrecorded", "is for a cluster, where a schedule sets numbers",
                        "without it the number is set here, too"}});
  set_count(target.cluster()->client(), kind_name, name, count);
}

}  // namespace lotse::action
