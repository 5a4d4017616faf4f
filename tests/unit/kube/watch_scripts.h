#pragma once
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "support/scripted_server.h"

/// What a scripted API server says to lists and watches of pods.
namespace lotse::test {

using nlohmann::json;

/// A clock that moves on by two seconds each time it is read, so that pauses cost no time.
class RushingClock : public base::Clock {
 public:
  Time now() override { return time_ += std::chrono::seconds(2); }
  void sleep(Duration duration) override { time_ += duration; }

 private:
  Time time_{};
};

inline json pod(const std::string& name, int version) {
  return {{"metadata", {{"name", name}, {"resourceVersion", std::to_string(version)}}}};
}

inline std::string event(const std::string& type, const json& object) {
  return json{{"type", type}, {"object", object}}.dump() + "\n";
}

inline Answer list_of(const json& items, int version) {
  const json body = {{"items", items},
                     {"metadata", {{"resourceVersion", std::to_string(version)}}}};
  return {200, {}, body.dump()};
}

inline Answer watch_of(std::vector<std::string> pieces, Answer::End end = Answer::End::close) {
  Answer answer;
  answer.pieces = std::move(pieces);
  answer.end = end;
  return answer;
}

inline Answer refusal(int code, const std::string& reason) {
  return {code,
          {},
          json{{"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", reason}}.dump()};
}

inline bool is_watch(const Received& received) {
  return received.target.find("watch=1") != std::string::npos;
}

inline std::string version_of(const Received& received) {
  const auto at = received.target.find("resourceVersion=");
  return at == std::string::npos ? "" : received.target.substr(at + 16);
}

}  // namespace lotse::test
