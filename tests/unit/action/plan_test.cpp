// What plan says, against an API server in memory; the real one is asked in the cluster case
// `revisions`.
#include "action/plan.h"

#include <catch2/catch.hpp>

#include "action/manage.h"
#include "support/api_target.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::action;
using release::Fate;
using test::MemoryApi;

namespace {

using Answer = std::optional<std::pair<int, json>>;

/// Answers access reviews.
auto with_rights(bool allowed) {
  return [allowed](const std::string& method, const std::string& path, bool) -> Answer {
    if (method != "POST" || !path.ends_with("selfsubjectaccessreviews")) return {};
    return std::pair(201, json{{"status", {{"allowed", allowed}}}});
  };
}

Prepared service(int replicas, const std::string& image, const json& volumes = json::array()) {
  const json labels = {{"app.kubernetes.io/managed-by", "lotse"}, {"lotse.dev/workload", "w"}};
  json deployment = {
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", {{"name", "w"}, {"namespace", "ns"}, {"labels", labels}}},
      {"spec",
       {{"replicas", replicas},
        {"template",
         {{"spec",
           {{"volumes", volumes}, {"containers", {{{"name", "main"}, {"image", image}}}}}}}}}}};
  Prepared one{"w", "ns", {}, {}};
  one.revision.content = "0000000" + image;
  one.revision.cause = "apply";
  one.revision.template_name = "serve";
  one.revision.template_kind = "service";
  one.revision.values = {{"replicas", replicas}};
  one.revision.objects = {deployment};
  return one;
}

const release::ObjectChange& change_of(const Plan& plan, const std::string& object) {
  for (const auto& change : plan.changes)
    if (change.object == object) return change;
  FAIL("the plan has no " + object);
  return plan.changes.front();
}

}  // namespace

TEST_CASE("a plan says what would be made and changed, field by field, and writes nothing") {
  MemoryApi api;
  api.refuse = with_rights(true);
  const auto target = test::make_api_target(api);
  const auto first = plan(*target, service(1, "a"), {});
  CHECK(api.objects.empty());
  CHECK(first.number == 1);
  CHECK(first.changes_something());
  CHECK(change_of(first, "deployment/w").fate == Fate::made);

  REQUIRE_FALSE(submit(*target, service(1, "a"), {}).unchanged);
  CHECK(submit(*target, service(1, "a"), {}).unchanged);
  CHECK_FALSE(plan(*target, service(1, "a"), {}).changes_something());

  const auto before = api.objects;
  const auto second = plan(*target, service(3, "b"), {});
  CHECK(api.objects == before);
  CHECK(second.number == 2);
  const auto& change = change_of(second, "deployment/w");
  CHECK(change.fate == Fate::changed);
  REQUIRE(change.fields.size() == 2);
  CHECK(change.fields[0].path == "spec.replicas");
  CHECK(change.fields[1].path == "spec.template.spec.containers[main].image");
}

TEST_CASE("a right that is missing makes a plan impossible") {
  MemoryApi api;
  api.refuse = with_rights(false);
  const auto target = test::make_api_target(api);
  const auto made = plan(*target, service(1, "a"), {});
  REQUIRE(made.impossible());
  CHECK(made.obstacles[0].code.kind().code == "RightMissing");
  CHECK_THAT(made.obstacles[0].text, Catch::Contains("create deployments.apps"));
}

TEST_CASE("what the server refuses makes a plan impossible, in the server's words") {
  MemoryApi api;
  const auto rights = with_rights(true);
  api.refuse = [&](const std::string& method, const std::string& path, bool dry_run) -> Answer {
    if (dry_run && path.ends_with("deployments"))
      return std::pair(422, json{{"kind", "Status"}, {"code", 422}, {"message", "spec is wrong"}});
    return rights(method, path, dry_run);
  };
  const auto target = test::make_api_target(api);
  const auto made = plan(*target, service(1, "a"), {});
  REQUIRE(made.impossible());
  CHECK(made.obstacles[0].code.kind().code == "SpecInvalid");
  CHECK_THAT(made.obstacles[0].text, Catch::Contains("spec is wrong"));
  CHECK(api.objects.empty());
}

TEST_CASE("what pods name and is not there is a warning") {
  MemoryApi api;
  api.refuse = with_rights(true);
  const auto target = test::make_api_target(api);
  const auto made =
      plan(*target,
           service(1, "a",
                   {{{"name", "s"}, {"secret", {{"secretName", "gone"}}}},
                    {{"name", "o"}, {"secret", {{"secretName", "o"}, {"optional", true}}}},
                    {{"name", "c"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}}),
           {});
  CHECK_FALSE(made.impossible());
  std::vector<std::string> codes;
  for (const auto& obstacle : made.obstacles) codes.emplace_back(obstacle.code.kind().code);
  CHECK(codes == std::vector<std::string>{"ClaimMissing", "SecretMissing", "NoNodeFits"});
}

TEST_CASE("a service is scaled and rolled back, and each is a revision") {
  MemoryApi api;
  const auto target = test::make_api_target(api);
  submit(*target, service(1, "a"), {});
  const auto replicas = [&] {
    return api.objects.at("/apis/apps/v1/namespaces/ns/deployments/w")["spec"]["replicas"];
  };
  CHECK(submit(*target, scale(*target, "w", 4), {}).number == 2);
  CHECK(replicas() == 4);
  const auto known = look_up(*target, "w").history;
  CHECK(known.current == 2);
  CHECK(known.revisions.back().cause == "scale to 4");
  CHECK(known.revisions.back().values["replicas"] == 4);
  CHECK(submit(*target, rollback(*target, "w", 0), {}).number == 3);
  CHECK(replicas() == 1);
  CHECK(test::error_from([&] { rollback(*target, "w", 9); }).kind() == base::ErrorKind::invalid);
  CHECK(test::error_from([&] { rerun(*target, "w"); }).kind() == base::ErrorKind::invalid);

  CHECK(apply(*target, "w", pause, {}) == Applied::changed);
  CHECK(replicas() == 0);
  CHECK(apply(*target, "w", resume, {}) == Applied::changed);
  CHECK(replicas() == 1);
  CHECK(look_up(*target, "w").history.revisions.size() == 3);
}
