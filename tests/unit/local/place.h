#pragma once
// Everything here runs real processes: a supervisor and pods (see stand_in.cpp).
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "local/files.h"
#include "local/local.h"
#include "local/manifests.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/snapshot.h"

namespace lotse::local {

using namespace std::chrono_literals;

/// A store in a folder of its own, whose pods run this test program.
struct Place {
  base::TemporaryFolder folder;
  Store store{folder.path() / "state"};
  ApplyOptions options;
  Place() {
    const auto self = fs::read_symlink("/proc/self/exe");
    fs::create_symlink(self, folder.path() / "lotse-runner");
    options.runner = folder.path() / "lotse-runner";
    options.supervisor_command = {self.string(), "__supervise"};
    options.backoff = 50ms;
  }
  ~Place() {
    for (const auto& name : store.workloads()) store.remove(name, true, 1s);
  }

  template <class Test>
  bool eventually(const std::string& workload, Test&& test, std::chrono::seconds patience = 8s) {
    std::string token;
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      if (test(store.snapshot(workload))) return true;
      store.wait_change(workload, token, 200ms);
    }
    UNSCOPED_INFO(json(store.snapshot(workload)).dump(1));
    return false;
  }
  /// Whether a Job gets the condition `type`, within the patience of eventually().
  bool job_is(const std::string& workload, const std::string& type);
  static bool has_condition(const json& object, const std::string& type);
  /// One object out of the snapshot; null if it is not there.
  json object(const std::string& workload, const std::string& kind, const std::string& name);
  std::vector<std::string> log(const std::string& workload, const LogOptions& log_options = {});
};

/// The spec of a pod with one container `main` whose program is given `arguments` (see
/// stand_in.cpp) and which mounts the claim `data`.
json pod_spec(const json& arguments);
json claim();
/// An Indexed Job of `count` such pods; exit code 2 fails it, 75 and 76 are ignored.
json job(const std::string& name, const json& arguments, int count = 1);

/// The processes of this place that run under our runner's name.
int processes(const Place& place);

}  // namespace lotse::local
