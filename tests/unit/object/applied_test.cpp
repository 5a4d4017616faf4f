#include "object/applied.h"

#include <catch2/catch.hpp>

using namespace lotse::object;

TEST_CASE("what a manager applied is read out of the managed fields, lists in their order") {
  const json live = json::parse(R"({
    "apiVersion": "batch/v1", "kind": "Job",
    "metadata": {"name": "w", "uid": "u", "labels": {"a": "1", "b": "2"},
      "managedFields": [
        {"manager": "other", "operation": "Apply", "fieldsV1": {"f:spec": {"f:parallelism": {}}}},
        {"manager": "lotse", "operation": "Update", "subresource": "status",
         "fieldsV1": {"f:status": {}}},
        {"manager": "lotse", "operation": "Apply", "fieldsV1": {
          "f:metadata": {"f:labels": {"f:a": {}}},
          "f:spec": {"f:completions": {}, "f:template": {"f:spec": {
            "f:nodeSelector": {},
            "f:containers": {"k:{\"name\":\"runner\"}": {".": {}, "f:name": {}, "f:args": {},
              "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}},
                        "k:{\"name\":\"B\"}": {".": {}, "f:name": {}, "f:value": {}}}}}}}},
          "f:finalizers": {"v:\"x\"": {}}}}]},
    "finalizers": ["x", "y"],
    "spec": {"completions": 1, "parallelism": 5, "suspend": false, "template": {"spec": {
      "nodeSelector": {"k": "v"}, "dnsPolicy": "ClusterFirst",
      "containers": [{"name": "side"}, {"name": "runner", "args": ["train"], "tty": false,
        "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]}]}}},
    "status": {"active": 1}})");
  CHECK(applied_by(live, "lotse") == json::parse(R"({
    "apiVersion": "batch/v1", "kind": "Job",
    "metadata": {"name": "w", "labels": {"a": "1"}},
    "finalizers": ["x"],
    "spec": {"completions": 1, "template": {"spec": {"nodeSelector": {"k": "v"},
      "containers": [{"name": "runner", "args": ["train"],
        "env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]}]}}}})"));
}

TEST_CASE("without managed fields it is all but what a server adds") {
  const json live = {{"apiVersion", "v1"},
                     {"kind", "Service"},
                     {"metadata", {{"name", "w"}, {"uid", "u"}, {"generation", 2}}},
                     {"spec", {{"ports", json::array()}}},
                     {"status", json::object()}};
  CHECK(applied_by(live, "lotse") == json{{"apiVersion", "v1"},
                                          {"kind", "Service"},
                                          {"metadata", {{"name", "w"}}},
                                          {"spec", {{"ports", json::array()}}}});
}
