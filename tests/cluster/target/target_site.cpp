// The suite over the form of Target for a cluster, on the real API server, in the namespace that
// run-case makes.
#include <catch2/catch.hpp>

#include "action/cluster_target.h"
#include "base/error.h"
#include "base/log.h"
#include "support/target_suite.h"

using namespace lotse;
using action::json;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) FAIL(name << " is not set: run this by run-case");
  return value;
}

identity::Settings settings() {
  identity::LoadOptions options;
  options.explicit_path = variable("LOTSE_TEST_TOKEN_KUBECONFIG");
  return identity::resolve(identity::load_config(options), options, "");
}

class Namespace : public test::Site {
 public:
  ~Namespace() override {
    try {
      for (const char* workload : {"w", "x"}) target_->remove(workload, true);
    } catch (const base::Error& error) {  // the namespace goes after all
      base::log_warning(error.what());
    }
  }
  action::Target& target() override { return *target_; }
  std::unique_ptr<action::Target> another() override {
    return action::make_cluster_target(settings());
  }
  json printing(const std::vector<std::string>& lines) const override {
    json arguments = lines;
    arguments.insert(arguments.begin(), "print");
    return container(arguments);
  }
  json sleeping() const override { return container({"pause"}); }

 private:
  static json container(const json& arguments) {
    return {{"name", "main"}, {"image", variable("LOTSE_TEST_IMAGE")}, {"args", arguments}};
  }
  std::unique_ptr<action::Target> target_ = action::make_cluster_target(settings());
};

}  // namespace

std::vector<test::NamedSite> test::sites() {
  return {{"of a cluster", [] { return std::make_unique<Namespace>(); }}};
}
