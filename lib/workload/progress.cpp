#include "workload/progress.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "object/member.h"

namespace lotse::workload {

namespace {

using object::at;
using object::text_at;

std::optional<double> number_in(const json& fields, const char* name) {
  const json& value = at(fields, {name});
  if (!value.is_number() || !std::isfinite(value.get<double>())) return {};
  return value.get<double>();
}

int64_t count_in(const json& fields, const char* name) {
  constexpr double most = 1e15;
  return static_cast<int64_t>(std::clamp(number_in(fields, name).value_or(0), 0.0, most));
}

}  // namespace

std::optional<Progress> read_progress(const contract::Event& event, const std::string& time) {
  if (event.type != "progress") return {};
  const json& fields = event.fields;
  Progress progress;
  progress.phase = text_at(fields, {"phase"});
  progress.done = count_in(fields, "done");
  progress.total = count_in(fields, "total");
  progress.unit = text_at(fields, {"unit"});
  progress.workers = std::max<int64_t>(1, count_in(fields, "workers"));
  progress.all = count_in(fields, "all");
  progress.per_second = number_in(fields, "per_second");
  progress.eta_seconds = number_in(fields, "eta_seconds");
  progress.run_eta_seconds = number_in(fields, "run_eta_seconds");
  const json& metrics = at(fields, {"metrics"});
  if (metrics.is_object())
    for (const auto& [name, value] : metrics.items())
      if (value.is_number()) progress.metrics[name] = value;
  progress.message = base::printable(event.message);
  progress.time = time;
  return progress;
}

json to_json(const Progress& progress) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  return {{"phase", progress.phase},
          {"done", progress.done},
          {"total", progress.total},
          {"unit", progress.unit},
          {"perSecond", or_null(progress.per_second)},
          {"etaSeconds", or_null(progress.eta_seconds)},
          {"runEtaSeconds", or_null(progress.run_eta_seconds)},
          {"metrics", progress.metrics},
          {"message", progress.message},
          {"time", progress.time}};
}

}  // namespace lotse::workload
