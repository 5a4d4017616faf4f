#include "workload/autoscaler.h"

#include "base/strings.h"
#include "workload/fill.h"

namespace lotse::workload {

namespace {

std::string named(const json& autoscaler) {
  return "horizontalpodautoscaler/" + text_at(autoscaler, {"metadata", "name"});
}

}  // namespace

const json* autoscaler_of(const json& deployment, const Snapshot& objects) {
  for (const json* autoscaler : objects.of_kind("HorizontalPodAutoscaler"))
    if (text_at(*autoscaler, {"spec", "scaleTargetRef", "kind"}) == "Deployment" &&
        text_at(*autoscaler, {"spec", "scaleTargetRef", "name"}) ==
            text_at(deployment, {"metadata", "name"}))
      return autoscaler;
  return nullptr;
}

void fill_without_pods(const json& deployment, const json* autoscaler, State& state) {
  Cause cause{"Suspended", {state.object}, "it is scaled to 0 replicas"};
  state.phase = Phase::stopped;
  const auto annotation = [&](const char* name) {
    return text_at(deployment, {"metadata", "annotations", name});
  };
  if (const auto schedule = annotation(annotation_schedule); !schedule.empty()) {
    state.phase = Phase::idle;
    cause.code = "ScaledToZero";
    cause.evidence = base::cat("its schedule brings it back: ", schedule, " (",
                               annotation(annotation_time_zone), ")");
  }
  if (autoscaler != nullptr) {
    cause.objects.push_back(named(*autoscaler));
    if (is_true(*autoscaler, "ScaledToZero")) {
      state.phase = Phase::idle;
      cause.code = "ScaledToZero";
      cause.evidence = base::cat(reason_of(*autoscaler, "ScaledToZero"), " (from ",
                                 number_at(*autoscaler, {"spec", "minReplicas"}, 1), " to ",
                                 number_at(*autoscaler, {"spec", "maxReplicas"}), " replicas)");
    } else if (const auto why = reason_of(*autoscaler, "ScalingActive"); !why.empty()) {
      cause.evidence += "; its autoscaler: " + why;
    }
  }
  tell(std::move(cause), state);
}

void add_autoscaler_trouble(const json* autoscaler, State& state) {
  if (autoscaler == nullptr) return;
  for (const char* type : {"AbleToScale", "ScalingActive"}) {
    const json* found = condition(*autoscaler, type);
    if (found == nullptr || text_at(*found, {"status"}) != "False") continue;
    if (text_at(*found, {"reason"}) == "ScalingDisabled") continue;  // a person set 0 replicas
    state.causes.push_back({"AutoscalerFailing",
                            {named(*autoscaler), state.object},
                            base::cat(type, " is False: ", reason_of(*autoscaler, type))});
  }
}

}  // namespace lotse::workload
