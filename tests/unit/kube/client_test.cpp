#include "kube/client.h"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>
#include <thread>

#include "base/files.h"
#include "base/log.h"
#include "kube/lists.h"
#include "kube/status.h"
#include "kube/together.h"
#include "net/retry.h"
#include "support/error_from.h"
#include "support/scripted_api.h"

using namespace lotse;
using kube::json;
using test::Answer;
using test::error_from;
using test::ScriptedServer;

namespace {

const object::Kind& kind(const char* name) {
  return *object::find_kind(name);
}

Answer answer(const json& body, int status = 200) {
  return {status, {}, body.dump()};
}

json status(int code, const std::string& reason, const std::string& message,
            const json& causes = json::array()) {
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"code", code},
          {"reason", reason}, {"message", message}, {"details", {{"causes", causes}}}};
}

}  // namespace

TEST_CASE("requests are what the API documents") {
  const auto list = kube::list_call(kind("pod"), "ns", {"a=b,c in (d)", ""}, "next");
  CHECK(list.path == "/api/v1/namespaces/ns/pods");
  CHECK(list.query ==
        std::vector<std::pair<std::string, std::string>>{
            {"labelSelector", "a=b,c in (d)"}, {"limit", "500"}, {"continue", "next"}});
  const auto watch = kube::watch_call(kind("job"), "ns", {"", "metadata.name=x"});
  CHECK(watch.path == "/apis/batch/v1/namespaces/ns/jobs");
  CHECK(watch.query ==
        std::vector<std::pair<std::string, std::string>>{
            {"fieldSelector", "metadata.name=x"}, {"watch", "1"}, {"allowWatchBookmarks", "true"}});
  const auto apply =
      kube::apply_call(kind("deploy"), "ns", {{"metadata", {{"name", "d"}}}}, {.dry_run = true});
  CHECK(apply.method == "PATCH");
  CHECK(apply.path == "/apis/apps/v1/namespaces/ns/deployments/d");
  CHECK(apply.content_type == "application/apply-patch+yaml");
  for (const auto& [key, value] : apply.query) CHECK(key != "force");
  const auto gone = kube::delete_call(kind("cm"), "ns", "n", {kube::Propagation::foreground, "u"});
  CHECK(json::parse(gone.body)["propagationPolicy"] == "Foreground");
  CHECK(json::parse(gone.body)["preconditions"] == json{{"uid", "u"}});
  const auto unchanged =
      kube::delete_call(kind("cm"), "ns", "n", {kube::Propagation::orphan, "", "12"});
  CHECK(json::parse(unchanged.body)["propagationPolicy"] == "Orphan");
  CHECK(json::parse(unchanged.body)["preconditions"] == json{{"resourceVersion", "12"}});
  const auto scale = kube::scale_call(kind("deploy"), "ns", "d", 3, "lotse-schedule");
  CHECK(scale.query == decltype(scale.query){{"fieldManager", "lotse-schedule"}});
  CHECK(scale.path == "/apis/apps/v1/namespaces/ns/deployments/d/scale");
  CHECK(json::parse(scale.body) == json{{"spec", {{"replicas", 3}}}});
  const auto evict = kube::evict_call("ns", "p", {});
  CHECK(evict.method == "POST");
  CHECK(evict.path == "/api/v1/namespaces/ns/pods/p/eviction");
  CHECK(json::parse(evict.body)["kind"] == "Eviction");
}

TEST_CASE("A1 P2: the last of ten refusals names code, URL, requests and Retry-After") {
  test::ScriptedApi setup({{503, {{"Retry-After", "0"}}, "busy"}});
  net::RetryTransport retry(*setup.curl);
  kube::Client client(retry, setup.settings);
  const auto error = error_from([&] { client.get(kind("pod"), "x"); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains("10 requests: GET " + setup.settings.server +
                                           "/api/v1/namespaces/ns/pods/x, the last answered 503, "
                                           "Retry-After 0"));
  CHECK(setup.server.received().size() == 10);
}

TEST_CASE("one connection serves a client, with its identity and escaped queries") {
  identity::Settings given;
  given.token = "abc\n";  // as a YAML block leaves it
  given.impersonate = "anna";
  given.impersonate_groups = {"g", "h"};
  test::ScriptedApi setup(
      {answer({{"items", json::array()}, {"metadata", {{"resourceVersion", "1"}}}})}, given);
  for (int i = 0; i < 5; ++i) setup.client->list(kind("pod"), {"a in (b,c)", ""});
  CHECK(setup.server.connections() == 1);
  const auto received = setup.server.received().at(0);
  CHECK(received.target ==
        "/api/v1/namespaces/ns/pods?labelSelector=a%20in%20%28b%2Cc%29&limit=500");
  CHECK(received.headers.at("authorization") == "Bearer abc");
  CHECK(received.headers.at("impersonate-user") == "anna");
  CHECK(received.headers.at("accept") == "application/json");
}

TEST_CASE("A2 P5: 1,253 pods in pages of 500 are three requests; a lost page means one new start") {
  const auto page = [](int from, int count, const std::string& next) {
    json items = json::array();
    for (int i = 0; i < count; ++i)
      items.push_back({{"metadata", {{"name", "p" + std::to_string(from + i)}}}});
    return answer({{"items", items}, {"metadata", {{"resourceVersion", "7"}, {"continue", next}}}});
  };
  const bool lost = GENERATE(false, true);
  std::vector<Answer> answers;
  if (lost) answers = {page(0, 500, "a"), answer(status(410, "Expired", "too old"), 410)};
  for (const auto& one : {page(0, 500, "a"), page(500, 500, "b"), page(1000, 253, "")})
    answers.push_back(one);
  test::ScriptedApi setup(answers);
  const auto list = setup.client->list(kind("pod"));
  CHECK(list.items.size() == 1253);
  CHECK(list.items.back()["metadata"]["name"] == "p1252");
  CHECK(list.items.back()["kind"] == "Pod");
  CHECK(list.resource_version == "7");
  const auto received = setup.server.received();
  CHECK(received.size() == (lost ? 5 : 3));
  CHECK_THAT(received.back().target, Catch::EndsWith("continue=b"));
}

TEST_CASE("the server's errors are shown as it meant them") {
  using base::ErrorKind;
  const auto shown = [](int code, const std::string& reason, const std::string& message,
                        const json& causes = json::array()) {
    test::ScriptedApi setup({answer(status(code, reason, message, causes), code)});
    return error_from([&] { setup.client->get(kind("job"), "x"); });
  };
  const auto missing = shown(404, "NotFound", "jobs.batch \"x\" not found");
  CHECK(missing.kind() == ErrorKind::not_found);
  CHECK(missing.what() == std::string("jobs.batch \"x\" not found"));
  CHECK(shown(403, "Forbidden", "may not").kind() == ErrorKind::denied);
  CHECK(shown(401, "Unauthorized", "Unauthorized").kind() == ErrorKind::denied);
  CHECK(shown(409, "AlreadyExists", "is there").kind() == ErrorKind::conflict);
  CHECK(shown(409, "AlreadyExists", "is there").hint().empty());

  const auto invalid =
      shown(422, "Invalid", "Job.batch \"x\" is invalid: " + std::string(200, '.'),
            {{{"reason", "FieldValueInvalid"},
              {"field", "spec.completions"},
              {"message", "Invalid value: -1: must be greater than or equal to 0"}}});
  CHECK(invalid.kind() == ErrorKind::invalid);
  CHECK_THAT(invalid.what(), Catch::Contains("\n  spec.completions: Invalid value: -1"));

  const auto conflict = shown(409, "Conflict", "Apply failed with 2 conflicts",
                              {{{"reason", "FieldManagerConflict"},
                                {"message", "conflict with \"kubectl\" using v1"},
                                {"field", ".data.a"}},
                               {{"reason", "FieldManagerConflict"},
                                {"message", "conflict with \"hpa\" with subresource \"scale\""},
                                {"field", ".spec.replicas"}}});
  CHECK(conflict.kind() == ErrorKind::conflict);
  CHECK_THAT(conflict.what(), Catch::EndsWith("\n  kubectl: .data.a\n  hpa: .spec.replicas"));
}

TEST_CASE("the hint of a refusal fits who refused") {
  const auto hint = [](int code, const std::string& message) {
    test::ScriptedApi setup({answer(status(code, "Forbidden", message, json::array()), code)});
    return error_from([&] { setup.client->get(kind("job"), "x"); }).hint();
  };
  CHECK_THAT(hint(403, "jobs.batch is forbidden: User \"u\" cannot create resource \"jobs\""),
             Catch::Contains("`lotse context check`"));
  CHECK_THAT(hint(403,
                  "persistentvolumeclaims \"x\" is forbidden: exceeded quota: q, requested: "
                  "requests.storage=10Gi, used: 0, limited: 1Gi"),
             Catch::Contains("quota"));
  CHECK_THAT(hint(403, "admission webhook \"w\" denied the request: no"),
             Catch::Contains("a rule of this cluster"));
  CHECK_THAT(hint(403, "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\""),
             Catch::Contains("Pod Security"));
  CHECK_THAT(hint(403, "pods \"x\" is forbidden: maximum cpu usage per Container is 1"),
             Catch::Contains("limits"));
  CHECK(hint(403, "may not").empty());
  CHECK_THAT(hint(404, "namespaces \"nope\" not found"), Catch::Contains("-n names another"));
}

TEST_CASE("a redirection is no API server's: where it leads is told") {
  test::ScriptedApi setup({{302, {{"Location", "https://login.example/"}}, ""}});
  const auto error = error_from([&] { setup.client->get(kind("pod"), "x"); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(),
             Catch::EndsWith("was answered 302, which leads to https://login.example/"));
}

TEST_CASE("an answer that is not Kubernetes' does not crash, and is told") {
  const std::string body = GENERATE("", "<html>Bad gateway</html>", "{", "[]", "null", "\"x\"");
  const int code = GENERATE(200, 400, 500);
  test::ScriptedApi setup({{code, {}, body}});
  error_from([&] { setup.client->get(kind("pod"), "x"); });
}

TEST_CASE("a token file that was rotated is read anew after one 401; a second 401 is the end") {
  const base::TemporaryFolder folder;
  identity::Settings given;
  given.token_file = folder.path() / "token";
  base::write_file_atomic(given.token_file, "old\n");
  const auto refused = answer(status(401, "Unauthorized", "Unauthorized"), 401);
  test::ScriptedApi setup(
      {answer(json::object()), refused, answer(json::object()), refused, refused}, given);
  setup.client->get(kind("pod"), "x");
  base::write_file_atomic(given.token_file, "new\n");
  setup.client->get(kind("pod"), "x");
  const auto received = setup.server.received();
  REQUIRE(received.size() == 3);
  CHECK(received[1].headers.at("authorization") == "Bearer old");
  CHECK(received[2].headers.at("authorization") == "Bearer new");
  CHECK(error_from([&] { setup.client->get(kind("pod"), "x"); }).kind() == base::ErrorKind::denied);
  CHECK(setup.server.received().size() == 4);
}

TEST_CASE("credentials are never sent without TLS") {
  ScriptedServer server({answer(json::object())});
  identity::Settings settings;
  settings.server = "http://127.0.0.1:" + std::to_string(server.port());
  settings.token = "canary";
  net::CurlTransport curl({});
  kube::Client(curl, settings).get(kind("pod"), "x");
  CHECK(server.received().at(0).headers.count("authorization") == 0);
}

TEST_CASE("a secret appears in no message and no trace") {
  const std::string canary = "canary-7Zq";
  const base::TemporaryFolder folder;
  const auto caught = folder.path() / "stderr";
  const int before = ::dup(2);
  REQUIRE(std::freopen(caught.c_str(), "w", stderr) != nullptr);
  base::set_log_level(2);
  identity::Settings given;
  given.token = canary;
  std::string messages;
  {
    test::ScriptedApi setup(
        {answer(status(403, "Forbidden", "no"), 403), {.status = 0, .end = Answer::End::reset}},
        given);
    net::RetryTransport retry(*setup.curl);
    kube::Client client(retry, setup.settings);
    for (int i = 0; i < 2; ++i)
      messages += error_from([&] {
                    client.apply({{"apiVersion", "v1"},
                                  {"kind", "Secret"},
                                  {"metadata", {{"name", "s"}}},
                                  {"stringData", {{"x", canary}}}});
                  }).what();
  }
  given.token = canary + "\nX: " + canary;
  messages += error_from([&] { identity::Credentials credentials(given); }).what();
  base::set_log_level(0);
  std::fflush(stderr);
  ::dup2(before, 2);
  ::close(before);
  const auto traced = base::read_file(caught);
  CHECK_THAT(traced, Catch::Contains("PATCH") && Catch::Contains("403"));
  CHECK_THAT(messages + traced, !Catch::Contains(canary));
}

TEST_CASE("lists that are asked for at once come in their order, each whole") {
  std::atomic<int> waiting = 0;
  std::atomic<bool> together = false;
  test::ScriptedApi api([&](const test::Received& received, int) {
    const auto is = [&](const char* part) {
      return received.target.find(part) != std::string::npos;
    };
    if (++waiting == 3) together = true;
    for (int i = 0; i < 400 && !together; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (is("/jobs") && !is("continue="))
      return answer(
          {{"metadata", {{"continue", "more"}}}, {"items", {{{"metadata", {{"name", "a"}}}}}}});
    if (is("/jobs"))
      return answer({{"metadata", json::object()}, {"items", {{{"metadata", {{"name", "b"}}}}}}});
    if (is("/pods"))
      return answer(
          {{"metadata", {{"resourceVersion", "7"}}}, {"items", {{{"metadata", {{"name", "p"}}}}}}});
    return answer(status(403, "Forbidden", "not allowed"), 403);
  });
  auto& client = *api.client;
  const auto& events = *object::find_kind("events.k8s.io/v1", "Event");
  CHECK(error_from([&] {
          kube::list_all(client, {{&kind("job")}, {&kind("pod"), {"a=b", ""}}, {&events}});
        }).kind() == base::ErrorKind::denied);
  CHECK(together);
  const auto lists = kube::list_all(client, {{&kind("job")}, {&kind("pod"), {"a=b", ""}}});
  REQUIRE(lists.size() == 2);
  REQUIRE(lists[0].items.size() == 2);
  CHECK(lists[0].items[1]["metadata"]["name"] == "b");
  CHECK(lists[0].items[0]["kind"] == "Job");
  CHECK(lists[1].items[0]["kind"] == "Pod");
  CHECK(lists[1].resource_version == "7");
}

TEST_CASE("calls that are sent at once: each has its answer, what broke off is sent once more") {
  std::atomic<int> waiting = 0;
  std::atomic<bool> together = false;
  std::atomic<int> broken = 0;
  test::ScriptedApi api([&](const test::Received& received, int) -> Answer {
    if (++waiting == 3) together = true;
    for (int i = 0; i < 400 && !together; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (received.target.find("/cut") != std::string::npos && ++broken == 1)
      return {.status = 0, .end = Answer::End::close};
    if (received.target.find("/none") != std::string::npos)
      return answer(status(404, "NotFound", "there is none"), 404);
    return answer({{"kind", "Pod"}, {"asked", received.method + " " + received.body}});
  });
  auto& client = *api.client;
  auto apply =
      kube::apply_call(kind("pod"), "ns", {{"metadata", {{"name", "cut"}}}}, {.dry_run = true});
  const auto answers =
      kube::send_together(client, {apply, kube::get_call(kind("pod"), "ns", "none"),
                                   kube::get_call(kind("pod"), "ns", "there")});
  CHECK(together);
  CHECK(broken == 2);
  REQUIRE(answers.size() == 3);
  CHECK(client.object_of(apply, answers[0])["asked"] == "PATCH " + apply.body);
  CHECK(answers[1].status == 404);
  CHECK(answers[2].ok());
  const auto found = kube::find_together(client, {{&kind("pod"), "none"}, {&kind("pod"), "there"}});
  REQUIRE(found.size() == 2);
  CHECK_FALSE(found[0]);
  CHECK((*found[1])["asked"] == "GET ");
}

TEST_CASE("writes that are sent at once: what broke off is not sent again") {
  std::atomic<int> cut = 0, busy = 0, there = 0;
  test::ScriptedApi api([&](const test::Received& received, int) -> Answer {
    const auto is_about = [&](const char* name) {
      return received.target.find(name) != std::string::npos;
    };
    if (is_about("/cut")) {
      ++cut;
      return {.status = 0, .end = Answer::End::close};
    }
    if (is_about("/busy") && ++busy == 1) return answer(status(429, "TooMany", "busy"), 429);
    there += is_about("/there") ? 1 : 0;
    return answer({{"kind", "Pod"}});
  });
  auto& client = *api.client;
  const auto apply = [](const char* name) {
    return kube::apply_call(kind("pod"), "ns", {{"metadata", {{"name", name}}}}, {});
  };
  const std::vector<kube::Call> calls = {apply("busy"), apply("cut"), apply("there")};
  const auto answers = kube::write_together(client, calls);
  CHECK(answers[0].response.status == 429);
  const auto error = error_from([&] { kube::object_of(client, calls[1], answers[1]); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains("PATCH"));
  CHECK(kube::object_of(client, calls[2], answers[2])["kind"] == "Pod");
  CHECK(cut == 1);
  CHECK(busy == 1);
  CHECK(there == 1);
}
