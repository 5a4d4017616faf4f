#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "local/files.h"
#include "local/log.h"

namespace lotse::local {

/// Reads the logs of all pods of a workload, again and again while they grow.
class PodLogs {
 public:
  /// `wanted` are the manifests: pods of Jobs that are not among them are left out.
  PodLogs(WorkloadFiles files, std::vector<json> wanted, const LogOptions& options);

  /// The lines that are new, oldest first, given the objects as they are now. `over` says that
  /// nothing runs any more.
  std::vector<LogLine> round(const std::vector<json>& objects, bool over);

 private:
  /// The log of one start of one container, and what is to be shown of it.
  struct Source {
    std::string pod, container;
    std::optional<int64_t> index;
    int64_t attempt = 1;
    int start = 0;
    bool ended = false;  ///< nothing more will come
    LogReader reader;
  };

  void find_sources(const std::vector<json>& objects, bool over);
  int64_t attempt_of(const std::string& pod, std::optional<int64_t> index);
  void add(const json& pod, const json& status, std::optional<int64_t> index, int start,
           bool ended);

  WorkloadFiles files_;
  std::vector<json> wanted_;
  LogOptions options_;
  std::string since_;
  std::map<std::string, Source> sources_;
  std::map<int64_t, std::vector<std::string>> attempts_;  ///< the pods of each index, as they came
  std::set<std::string> skipped_;  ///< starts before the one that was running when we came
  bool first_ = true;
};

}  // namespace lotse::local
