#include "local/pod_logs.h"

#include <algorithm>

#include "base/number.h"
#include "base/strings.h"
#include "local/controller.h"
#include "local/time.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

std::optional<int64_t> index_of(const json& pod) {
  return base::to_integer(object::text_at(
      pod, {"metadata", "annotations", "batch.kubernetes.io/job-completion-index"}));
}

}  // namespace

PodLogs::PodLogs(WorkloadFiles files, std::vector<json> wanted, const LogOptions& options)
    : files_(std::move(files)), wanted_(std::move(wanted)), options_(options) {
  if (options_.since) since_ = to_nano_timestamp(*options_.since);
}

std::vector<LogLine> PodLogs::round(const std::vector<json>& objects, bool over) {
  find_sources(objects, over);
  std::vector<LogLine> lines;
  for (auto& entry : sources_) {
    Source& source = entry.second;
    auto fresh = source.reader.read(source.ended);
    std::erase_if(fresh, [&](const LogLine& line) { return line.time < since_; });
    if (first_ && options_.tail && static_cast<int64_t>(fresh.size()) > *options_.tail)
      fresh.erase(fresh.begin(), fresh.end() - static_cast<std::ptrdiff_t>(*options_.tail));
    for (auto& line : fresh) {
      line.pod = source.pod;
      line.container = source.container;
      line.rank = source.index;
      line.attempt = source.attempt;
      lines.push_back(std::move(line));
    }
  }
  first_ = false;
  std::stable_sort(lines.begin(), lines.end(),
                   [](const LogLine& a, const LogLine& b) { return a.time < b.time; });
  return lines;
}

void PodLogs::find_sources(const std::vector<json>& objects, bool over) {
  for (const auto& object : objects) {
    if (object::kind_of(object) != "Pod" || is_of_earlier_job(object, wanted_)) continue;
    const auto index = index_of(object);
    if (options_.rank && index != options_.rank) continue;
    for (const auto& status : object::list_at(object, {"status", "containerStatuses"})) {
      const auto restarts = static_cast<int>(object::number_at(status, {"restartCount"}));
      const bool terminated = object::at(status, {"state", "terminated"}).is_object();
      const int last = options_.previous ? restarts - 1 : restarts;
      // Without following, the running container's; with it, also what restarts while we look.
      for (int start = options_.previous || first_ ? last : 0; start <= last; ++start)
        if (start >= 0) add(object, status, index, start, over || terminated || start < restarts);
    }
  }
}

/// The supervisor keeps pods in the order in which it made them.
int64_t PodLogs::attempt_of(const std::string& pod, std::optional<int64_t> index) {
  if (!index) return 1;
  auto& pods = attempts_[*index];
  auto found = std::find(pods.begin(), pods.end(), pod);
  if (found == pods.end()) found = pods.insert(found, pod);
  return found - pods.begin() + 1;
}

void PodLogs::add(const json& pod, const json& status, std::optional<int64_t> index, int start,
                  bool ended) {
  const auto name = object::name_of(pod);
  const auto container = object::text_at(status, {"name"});
  const auto key = base::cat(name, "/", container, "/", start);
  if (!first_ && !sources_.contains(key) && skipped_.contains(key)) return;
  for (int earlier = 0; first_ && earlier < start; ++earlier)
    skipped_.insert(base::cat(name, "/", container, "/", earlier));
  auto [source, fresh] =
      sources_.try_emplace(key, Source{name, container, index, attempt_of(name, index), start,
                                       ended, LogReader(files_.log(name, container, start))});
  source->second.ended = ended;
}

}  // namespace lotse::local
