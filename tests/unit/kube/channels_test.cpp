#include "kube/exec.h"

#include <catch2/catch.hpp>

#include "kube/portforward.h"
#include "support/channel_server.h"
#include "support/error_from.h"

using namespace lotse;
using namespace std::chrono_literals;
using kube::json;
using test::bye;
using test::error_from;
using test::on;
using test::Raw;
using test::server_frame;

namespace {

struct Ran {
  std::string output;
  std::string error;
};

Ran run(kube::Exec& exec) {
  Ran ran;
  const auto limit = std::chrono::steady_clock::now() + 10s;
  std::vector<pollfd> none;
  while (exec.step({[&](std::string_view bytes) { ran.output += bytes; },
                    [&](std::string_view bytes) { ran.error += bytes; }})) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    exec.wait(none, 1s);
  }
  return ran;
}

json failure(const std::string& reason, const std::string& message, const json& causes = nullptr) {
  json status = {{"status", "Failure"}, {"reason", reason}, {"message", message}};
  if (!causes.is_null()) status["details"]["causes"] = causes;
  return status;
}

}  // namespace

TEST_CASE("a command's streams, its input's end and its exit code") {
  std::string input;
  bool input_ended = false;
  identity::Settings given;
  given.token = "secret";
  test::ChannelServer setup(
      "v5.channel.k8s.io",
      [&](Raw& raw) {
        std::string buffer;
        raw.write(on(1, "out") + on(2, "err") + on(1, std::string("\0\xff", 2)));
        while (const auto frame = test::read_frame(raw, buffer)) {
          if (frame->payload[0] == 0) input += frame->payload.substr(1);
          input_ended = frame->payload == std::string("\xff\0", 2);
          if (input_ended) break;
        }
        const json status =
            failure("NonZeroExitCode", "it failed", {{{"reason", "ExitCode"}, {"message", "42"}}});
        raw.write(on(3, status.dump()) + bye());
        test::read_frame(raw, buffer);
      },
      given);
  kube::Exec exec(*setup.client, {"p", "c", {"sh", "-c", "a b"}, true, false});
  std::string sent(100'000, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 31);
  exec.write(sent);
  exec.end_input();
  const auto ran = run(exec);
  CHECK(ran.output == std::string("out\0\xff", 5));
  CHECK(ran.error == "err");
  CHECK(exec.exit_code() == 42);
  CHECK(input == sent);
  CHECK(input_ended);
  const auto received = setup.server.received().at(0);
  CHECK(received.target ==
        "/api/v1/namespaces/ns/pods/p/exec?command=sh&command=-c&command=a%20b&container=c"
        "&stdin=true&stdout=true&stderr=true");
  CHECK(received.headers.at("authorization") == "Bearer secret");
  CHECK_FALSE(received.headers.contains("accept"));
  CHECK(received.headers.at("sec-websocket-protocol") == "v5.channel.k8s.io");
}

TEST_CASE("a terminal has one stream, and a size") {
  CHECK(kube::exec_call("ns", {"p", "", {"top"}, true, true}).query ==
        std::vector<std::pair<std::string, std::string>>{
            {"command", "top"}, {"stdin", "true"}, {"stdout", "true"}, {"tty", "true"}});
  std::string size;
  test::ChannelServer setup("v5.channel.k8s.io", [&](Raw& raw) {
    std::string buffer;
    if (const auto frame = test::read_frame(raw, buffer)) size = frame->payload;
    raw.write(on(3, R"({"status":"Success"})"));  // and no close frame
  });
  kube::Exec exec(*setup.client, {"p", "", {"top"}, true, true});
  exec.resize(80, 24);
  run(exec);
  CHECK(exec.exit_code() == 0);
  REQUIRE(size.substr(0, 1) == "\4");
  CHECK(json::parse(size.substr(1)) == json{{"Width", 80}, {"Height", 24}});
}

TEST_CASE("a command that cannot start, and one whose end nobody told") {
  const auto ended_by = [](const std::string& bytes) {
    test::ChannelServer setup("v5.channel.k8s.io", [&](Raw& raw) { raw.write(bytes); });
    kube::Exec exec(*setup.client, {"p", "", {"nope"}});
    return error_from([&] {
      run(exec);
      exec.exit_code();
    });
  };
  const json status =
      failure("InternalError", "exec: \"nope\": executable file not found in $PATH");
  auto error = ended_by(on(3, status.dump()) + bye());
  CHECK(error.kind() == base::ErrorKind::invalid);
  CHECK_THAT(error.what(), Catch::StartsWith("cannot run 'nope' in pod/p: ") &&
                               Catch::Contains("executable file not found"));
  error = ended_by(on(1, "some") + bye());
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains("ended before the command did"));
  error = ended_by(on(1, "some").substr(0, 4));
  CHECK(error.kind() == base::ErrorKind::unreachable);
}

TEST_CASE("what the server refuses is told as it means it; a stale token is renewed once") {
  const json body = {{"kind", "Status"}, {"message", "pods \"p\" not found"}, {"code", 404}};
  test::ScriptedApi refused([&](const test::Received&, int) {
    return test::Answer{404, {}, body.dump()};
  });
  auto error = error_from([&] { kube::Exec(*refused.client, {"p", "", {"x"}}); });
  CHECK(error.kind() == base::ErrorKind::not_found);
  CHECK(error.what() == std::string("pods \"p\" not found"));
  test::ScriptedApi unauthorized([&](const test::Received&, int) {
    return test::Answer{401, {}, ""};
  });
  error = error_from([&] { kube::Exec(*unauthorized.client, {"p", "", {"x"}}); });
  CHECK(error.kind() == base::ErrorKind::denied);
  CHECK_THAT(error.what(), !Catch::Contains("secret"));
}

TEST_CASE("a forwarded connection: the port's number is left out, wherever it is cut") {
  std::string sent;
  test::ChannelServer setup("v4.channel.k8s.io", [&](Raw& raw) {
    std::string buffer;
    raw.write(on(0, "\x90") + on(1, "\x90\x1f") +
              on(0,
                 "\x1f"
                 "he") +
              on(0, "llo") + on(1, "no such"));
    const auto frame = test::read_frame(raw, buffer);
    if (frame) sent = frame->payload;
    raw.write(on(1, " port") + bye());
  });
  kube::PortForward forward(*setup.client, "p", 8080);
  forward.write("request");
  std::string got;
  std::vector<pollfd> none;
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (forward.step([&](std::string_view bytes) { got += bytes; }, true)) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    forward.wait(none, 1s, true);
  }
  CHECK(got == "hello");
  CHECK(forward.error() == "no such port");
  CHECK(sent == std::string("\0request", 8));
  CHECK(setup.server.received().at(0).target ==
        "/api/v1/namespaces/ns/pods/p/portforward?ports=8080");
}
