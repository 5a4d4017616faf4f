// The suite over the forms of Target that need no cluster. That of this machine runs real
// processes: this test program stands in for supervisor and runner (support/stand_in.cpp).
#include "action/local_target.h"
#include "local/local.h"
#include "object/member.h"
#include "object/reference.h"
#include "support/api_target.h"
#include "support/memory_target.h"
#include "support/target_suite.h"

using namespace lotse;
using action::json;
using test::Site;

namespace {

namespace fs = std::filesystem;

class LocalSite : public Site {
 public:
  LocalSite() {
    const auto self = fs::read_symlink("/proc/self/exe");
    options_.runner = folder_.path() / "lotse-runner";
    fs::create_symlink(self, options_.runner);
    options_.supervisor_command = {self.string(), "__supervise"};
    target_ = make();
  }
  ~LocalSite() override {
    for (const auto& name : store().workloads())
      store().remove(name, true, std::chrono::seconds(1));
  }
  action::Target& target() override { return *target_; }
  std::unique_ptr<action::Target> another() override { return make(); }
  json printing(const std::vector<std::string>& lines) const override {
    json arguments = lines;
    arguments.insert(arguments.begin(), "echo");
    return container(arguments);
  }
  json sleeping() const override { return container({"sleep"}); }

 private:
  local::Store store() const { return local::Store(folder_.path() / "state"); }
  std::unique_ptr<action::Target> make() const {
    return action::make_local_target(store(), options_);
  }
  static json container(const json& arguments) {
    return {{"name", "main"}, {"image", "example.test/lotse-runner:1"}, {"args", arguments}};
  }

  base::TemporaryFolder folder_;
  local::ApplyOptions options_;
  std::unique_ptr<action::Target> target_;
};

/// One whose pods nobody runs.
class PretendedSite : public Site {
 public:
  json printing(const std::vector<std::string>& lines) const override {
    return {{"name", "main"}, {"args", lines}};
  }
  json sleeping() const override { return {{"name", "main"}, {"args", json::array()}}; }

 protected:
  /// The pods of a Job that has run to its end.
  static std::vector<json> pods_of(const json& job) {
    std::vector<json> pods;
    const auto count = object::number_at(job, {"spec", "completions"});
    for (int64_t index = 0; index < count; ++index) {
      json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
      pod["metadata"] = job["spec"]["template"]["metadata"];
      auto& metadata = pod["metadata"];
      const auto number = std::to_string(index);
      metadata["name"] = object::name_of(job) + "-" + number;
      metadata["namespace"] = "ns";
      metadata["creationTimestamp"] = "2026-01-01T00:00:00Z";
      metadata["labels"]["batch.kubernetes.io/job-name"] = object::name_of(job);
      metadata["annotations"]["batch.kubernetes.io/job-completion-index"] = number;
      metadata["ownerReferences"] = {object::controller_reference(job)};
      pod["spec"] = job["spec"]["template"]["spec"];
      const json ended = {{"terminated", {{"exitCode", 0}, {"reason", "Completed"}}}};
      pod["status"] = {
          {"phase", "Succeeded"},
          {"containerStatuses", {{{"name", "main"}, {"restartCount", 0}, {"state", ended}}}}};
      pods.push_back(std::move(pod));
    }
    return pods;
  }
  static json completed(json job) {
    job["status"] = {{"succeeded", job["spec"]["completions"]},
                     {"conditions", {{{"type", "Complete"}, {"status", "True"}}}}};
    return job;
  }
  static std::vector<std::string> lines_of(const json& pod) {
    return pod["spec"]["containers"][0]["args"].get<std::vector<std::string>>();
  }
};

class MemorySite : public PretendedSite {
 public:
  action::Target& target() override { return target_; }
  std::unique_ptr<action::Target> another() override { return target_.also(); }
  void carry_out(const std::string& workload) override {
    action::Snapshot objects;
    for (const auto& each : target_.written(workload, {}).objects) {
      if (object::kind_of(each) != "Job") {
        objects.add(each);
        continue;
      }
      objects.add(completed(each));
      for (auto& pod : pods_of(each)) {
        const auto rank =
            std::stoi(pod["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"]
                          .get<std::string>());
        for (const auto& line : lines_of(pod))
          target_.print(workload, {object::name_of(pod), rank, "", line});
        objects.add(std::move(pod));
      }
    }
    target_.show_done(workload, objects);
  }

 private:
  test::MemoryTarget target_;
};

class ApiSite : public PretendedSite {
 public:
  ApiSite() { api_.put("/api/v1/namespaces/ns", {{"metadata", {{"name", "ns"}}}}); }
  action::Target& target() override { return *target_; }
  std::unique_ptr<action::Target> another() override { return test::make_api_target(api_); }
  void carry_out(const std::string& workload) override {
    for (const auto& each : target_->written(workload, {}).objects) {
      if (object::kind_of(each) != "Job") continue;
      for (auto& pod : pods_of(each)) {
        const auto name = object::name_of(pod);
        for (const auto& line : lines_of(pod))
          api_.logs[name] += "2026-01-01T00:00:00.000000001Z " + line + "\n";
        api_.put("/api/v1/namespaces/ns/pods/" + name, std::move(pod));
      }
      api_.put("/apis/batch/v1/namespaces/ns/jobs/" + object::name_of(each), completed(each));
    }
  }

 private:
  test::MemoryApi api_;
  std::unique_ptr<action::Target> target_ = test::make_api_target(api_);
};

template <class Form>
test::NamedSite named(const std::string& name) {
  return {name, [] { return std::make_unique<Form>(); }};
}

}  // namespace

std::vector<test::NamedSite> test::sites() {
  return {named<LocalSite>("of this machine"), named<MemorySite>("in memory"),
          named<ApiSite>("of a cluster, its API server in memory")};
}
