#include "action/pods.h"

#include <catch2/catch.hpp>

#include "action/connect.h"
#include "action/helper_pod.h"
#include "support/error_from.h"

using namespace lotse;
using action::json;
using test::error_from;

namespace {

json pod(const std::string& name, int rank, const std::string& phase, bool ready) {
  json made = {{"kind", "Pod"},
               {"metadata", {{"name", name}, {"annotations", json::object()}}},
               {"spec",
                {{"containers",
                  {{{"name", "runner"},
                    {"ports",
                     {{{"name", "http"}, {"containerPort", 8080}},
                      {{"name", "metrics"}, {"containerPort", 9090}}}}}}}}},
               {"status",
                {{"phase", phase},
                 {"containerStatuses",
                  {{{"name", "runner"}, {"ready", ready}, {"state", json::object()}}}}}}};
  if (rank >= 0)
    made["metadata"]["annotations"]["batch.kubernetes.io/job-completion-index"] =
        std::to_string(rank);
  return made;
}

std::string chosen(const action::Snapshot& objects, const action::PodChoice& choice) {
  return action::choose_pod(objects, "w", choice)["metadata"]["name"];
}

}  // namespace

TEST_CASE("a pod is chosen by name, by rank, or as the one that is best off") {
  const action::Snapshot objects = {pod("a", 0, "Failed", false), pod("b", 1, "Running", false),
                                    pod("c", 2, "Running", true), pod("d", 3, "Running", true)};
  CHECK(chosen(objects, {}) == "c");
  CHECK(chosen(objects, {"b", {}}) == "b");
  CHECK(chosen(objects, {"", 3}) == "d");
  auto error = error_from([&] { chosen(objects, {"", 0}); });
  CHECK(error.kind() == base::ErrorKind::failed);
  CHECK_THAT(error.what(), Catch::StartsWith("pod/a does not run: it is Failed"));
  error = error_from([&] { chosen(objects, {"", 7}); });
  CHECK(error.kind() == base::ErrorKind::not_found);
  CHECK(error.what() == std::string("'w' has no pod of rank 7"));
  CHECK_THAT(error.hint(), Catch::Contains("c, d"));
  CHECK(error_from([&] { chosen({}, {}); }).kind() == base::ErrorKind::not_found);
  // A retry's pod is chosen before the one that failed.
  CHECK(chosen({pod("a", 0, "Failed", false), pod("a2", 0, "Running", true)}, {"", 0}) == "a2");
}

TEST_CASE("a port is the container's, by number or name, or what a Service's port leads to") {
  const auto one = pod("p", -1, "Running", true);
  const json service = {{"kind", "Service"},
                        {"spec",
                         {{"ports",
                           {{{"name", "web"}, {"port", 80}, {"targetPort", "metrics"}},
                            {{"name", "plain"}, {"port", 81}, {"targetPort", 7000}},
                            {{"name", "same"}, {"port", 8080}}}}}}};
  const action::Snapshot objects = {service, one};
  CHECK(action::container_port(objects, one, "") == 8080);
  CHECK(action::container_port(objects, one, "metrics") == 9090);
  CHECK(action::container_port(objects, one, "9090") == 9090);
  CHECK(action::container_port(objects, one, "80") == 9090);
  CHECK(action::container_port(objects, one, "web") == 9090);
  CHECK(action::container_port(objects, one, "plain") == 7000);
  CHECK(action::container_port(objects, one, "12345") == 12345);
  for (const char* wrong : {"nothing", "0", "65536", "-1"}) {
    const auto error = error_from([&] { action::container_port(objects, one, wrong); });
    CHECK(error.kind() == base::ErrorKind::not_found);
    CHECK(error.hint() == "it has 8080 (http), 9090 (metrics)");
  }
}

TEST_CASE(
    "the helper pod keeps Pod Security's restricted rules, belongs to nobody and ends by itself") {
  const auto made = action::helper_manifest("h", {"data", true, "image", "Always"}, "node1");
  CHECK_FALSE(made["metadata"].contains("ownerReferences"));
  CHECK_FALSE(made["metadata"]["labels"].contains("lotse.dev/workload"));
  CHECK(made["metadata"]["labels"]["lotse.dev/helper"] == "files");
  const auto& spec = made["spec"];
  CHECK(spec["activeDeadlineSeconds"].get<int>() > 0);
  CHECK(spec["restartPolicy"] == "Never");
  CHECK(spec["automountServiceAccountToken"] == false);
  CHECK(spec["securityContext"]["runAsNonRoot"] == true);
  CHECK(spec["securityContext"]["runAsUser"] == 65532);
  CHECK(spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault");
  const auto& container = spec["containers"].at(0);
  CHECK(container["securityContext"]["allowPrivilegeEscalation"] == false);
  CHECK(container["securityContext"]["readOnlyRootFilesystem"] == true);
  CHECK(container["securityContext"]["capabilities"]["drop"] == json{"ALL"});
  CHECK(container["volumeMounts"].at(0)["readOnly"] == true);
  CHECK(spec["volumes"].at(0)["persistentVolumeClaim"]["claimName"] == "data");
  CHECK(spec["affinity"].dump().find("node1") != std::string::npos);
  CHECK_FALSE(action::helper_manifest("h", {"data", false, "i"}, "")["spec"].contains("affinity"));
}
