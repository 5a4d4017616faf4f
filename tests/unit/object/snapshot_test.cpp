#include "object/snapshot.h"

#include <catch2/catch.hpp>

#include "object/member.h"
#include "object/reference.h"

namespace lotse::object {

namespace {

json made(const char* kind, const std::string& name, const std::string& uid, json owners = {}) {
  return {{"apiVersion", "v1"},
          {"kind", kind},
          {"metadata", {{"name", name}, {"uid", uid}, {"ownerReferences", std::move(owners)}}}};
}

json event(const json& about, const char* time, const char* words, bool core = false) {
  const json subject = {{"kind", kind_of(about)}, {"name", name_of(about)}, {"uid", uid_of(about)}};
  return core ? json{{"kind", "Event"},
                     {"involvedObject", subject},
                     {"lastTimestamp", time},
                     {"message", words}}
              : json{{"kind", "Event"},
                     {"regarding", subject},
                     {"deprecatedLastTimestamp", time},
                     {"note", words}};
}

std::vector<std::string> names_in(const Snapshot::Found& found) {
  std::vector<std::string> names;
  for (const json* object : found) names.push_back(name_of(*object));
  return names;
}

std::vector<std::string> words_in(const Snapshot::Found& events) {
  std::vector<std::string> words;
  for (const json* one : events) words.push_back(event_words(*one));
  return words;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a snapshot finds objects by kind and name, in the order of adding", "[snapshot]") {
  Snapshot objects = {made("Pod", "b", "1"), made("Job", "b", "2"), made("Pod", "a", "3")};
  objects.add(made("Pod", "c", "4"));
  CHECK(objects.size() == 4);
  CHECK(names_in(objects.of_kind("Pod")) == Names{"b", "a", "c"});
  CHECK(objects.of_kind("Service").empty());
  CHECK(uid_of(*objects.find("Job", "b")) == "2");
  CHECK(objects.find("Job", "a") == nullptr);
  const Snapshot copy = objects;  // its pointers lead into the copy
  objects = {};
  CHECK(objects.empty());
  CHECK(objects.find("Pod", "a") == nullptr);
  CHECK(name_of(*copy.find("Pod", "a")) == "a");
}

TEST_CASE("owners are known by uid, without one by kind and name", "[snapshot]") {
  const auto job = made("Job", "train", "j1"), again = made("Job", "train", "j2");
  const Snapshot objects = {
      made("Pod", "first", "1", json::array({owner_reference(job)})),
      made("Pod", "second", "2", json::array({owner_reference(again)})),
      made("ConfigMap", "map", "3", json::array({owner_reference(job)})),
      made("Pod", "free", "4"),
  };
  CHECK(names_in(objects.owned_by(job, "Pod")) == Names{"first"});
  CHECK(names_in(objects.owned_by(again, "Pod")) == Names{"second"});
  CHECK(names_in(objects.owned_by(made("Job", "train", ""), "Pod")) == Names{"first", "second"});
  CHECK(objects.owned_by(made("Job", "other", ""), "Pod").empty());
  CHECK(is_owned_by(*objects.find("ConfigMap", "map"), job));
  CHECK_FALSE(is_owned_by(*objects.find("ConfigMap", "map"), again));
}

TEST_CASE("events are found by what they are about, oldest first, of both groups", "[snapshot]") {
  const auto pod = made("Pod", "a", "1");
  const Snapshot objects = {
      pod, event(pod, "2026-01-01T00:00:02Z", "later"),
      event(pod, "2026-01-01T00:00:01Z", "sooner", true),
      event(made("Pod", "a", "0"), "2026-01-01T00:00:00Z", "of its forerunner"),
      event(made("Job", "a", "1"), "2026-01-01T00:00:00Z", "of the Job")};
  CHECK(words_in(objects.events_about(pod)) == Names{"sooner", "later"});
  CHECK(words_in(objects.events_about(made("Pod", "a", ""))) ==
        Names{"of its forerunner", "sooner", "later"});
}

TEST_CASE("what has no form of an object hurts nobody", "[snapshot]") {
  const Snapshot objects = {json(),
                            json::array(),
                            json(7),
                            {{"kind", 3}},
                            {{"kind", "Event"}},
                            {{"kind", "Pod"}, {"metadata", {{"ownerReferences", "x"}}}},
                            {{"kind", "Event"}, {"regarding", nullptr}}};
  CHECK(objects.of_kind("Pod").size() == 1);
  CHECK(objects.of_kind("Event").size() == 2);
  CHECK(objects.owned_by(json(), "Pod").empty());
  CHECK(number_at({{"a", {{"b", 3}}}}, {"a", "b"}) == 3);
  CHECK(number_at({{"a", "3"}}, {"a"}, 7) == 7);
  CHECK(list_at({{"a", {1, 2}}}, {"a"}).size() == 2);
  CHECK(list_at({{"a", {{"b", 1}}}}, {"a"}).empty());
}

}  // namespace lotse::object
