#include "object/kind.h"

#include <catch2/catch.hpp>
#include <set>

#include "base/error.h"

using namespace lotse::object;

TEST_CASE("a name stays one part of the path") {
  const Kind& pods = *find_kind("v1", "Pod");
  CHECK(path_of(pods, "n", "a#b") == "/api/v1/namespaces/n/pods/a%23b");
  CHECK(path_of(pods, "n", "a?b c") == "/api/v1/namespaces/n/pods/a%3Fb%20c");
  for (const char* wrong : {"../x", "a/b", "..", ".", "a%2fb"}) {
    CHECK_THROWS_AS(path_of(pods, "n", wrong), lotse::base::Error);
    CHECK_THROWS_AS(path_of(pods, wrong, "n"), lotse::base::Error);
  }
}

TEST_CASE("a word means a kind by any of its names, in any case, with or without its group") {
  const std::pair<const char*, const char*> words[] = {{"po", "Pod"},
                                                       {"pods", "Pod"},
                                                       {"Pod", "Pod"},
                                                       {"POD", "Pod"},
                                                       {"svc", "Service"},
                                                       {"deploy", "Deployment"},
                                                       {"sts", "StatefulSet"},
                                                       {"cm", "ConfigMap"},
                                                       {"crd", "CustomResourceDefinition"},
                                                       {"crds", "CustomResourceDefinition"},
                                                       {"jobs.batch", "Job"},
                                                       {"job.v1.batch", "Job"},
                                                       {"deployments.apps", "Deployment"}};
  for (const auto& [word, kind] : words) {
    INFO(word);
    REQUIRE(find_kind(word) != nullptr);
    CHECK(find_kind(word)->kind == kind);
  }
  for (const char* word : {"", "pod.apps", "jobs.v1beta1.batch", "pods.v1", "widgets", "p", "."})
    CHECK(find_kind(word) == nullptr);
}

TEST_CASE("where two groups have a word, core is meant, as for kubectl") {
  CHECK(find_kind("events")->api_version == "v1");
  CHECK(find_kind("events.events.k8s.io")->api_version == "events.k8s.io/v1");
}

TEST_CASE("no two kinds lie at the same place") {
  std::set<std::string> paths;
  for (const auto& plural : plural_names()) paths.insert(plural);
  CHECK(paths.size() == plural_names().size() - 1);  // events are there twice
  CHECK(find_kind("events.k8s.io/v1", "Event") != find_kind("v1", "Event"));
}

TEST_CASE("names for output and paths") {
  CHECK(type_name(*find_kind("pod")) == "pod");
  CHECK(type_name(*find_kind("deploy")) == "deployment.apps");
  CHECK(path_of(*find_kind("deploy"), "ns", "x") == "/apis/apps/v1/namespaces/ns/deployments/x");
  CHECK(path_of(*find_kind("node"), "ns", "x") == "/api/v1/nodes/x");
  CHECK(path_of(*find_kind("pod"), "") == "/api/v1/pods");
}
