// docs/promises.md A1: what is sent again, how often and after how long.
#include "net/retry.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "net/curl_transport.h"
#include "support/scripted_server.h"

using namespace lotse;
using namespace std::chrono_literals;
using test::Answer;
using test::ScriptedServer;

namespace {

/// Does not wait, but says how long it would have.
class CountingClock : public base::Clock {
 public:
  Time now() override { return {}; }
  void sleep(Duration duration) override {
    slept.push_back(std::chrono::duration_cast<std::chrono::seconds>(duration));
  }
  std::vector<std::chrono::seconds> slept;
};

struct Setup {
  ScriptedServer server;
  net::CurlTransport curl{{}};
  CountingClock clock;
  net::RetryTransport transport{curl, clock};
  explicit Setup(std::vector<Answer> answers) : server(std::move(answers)) {}
};

/// Takes connections and breaks them off before TLS has begun, as a proxy in front of a server that
/// is gone.
void reset(int socket) {
  char hello[1];
  [[maybe_unused]] const auto count = ::recv(socket, hello, 1, 0);
  ::close(socket);  // with the rest unread: RST
}

/// And at once.
void reset_at_once(int socket) {
  const linger none = {1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  ::close(socket);
}

std::string url_of(const test::Acceptor& server) {
  return "https://127.0.0.1:" + std::to_string(server.port());
}

Answer busy(int status, const std::string& after) {
  return {status, {{"Retry-After", after}}, ""};
}

}  // namespace

TEST_CASE("P1: 429, 500, 501, 504, then 200: five requests, five whole bodies") {
  Setup setup({busy(429, "1"), busy(500, "2"), busy(501, "0"), busy(504, "1"), {200, {}, "done"}});
  const std::string body(4000, 'b');
  const auto response = setup.transport.send({"POST", setup.server.url(), {}, body});
  CHECK(response.body == "done");
  CHECK(response.attempts == 5);
  const auto received = setup.server.received();
  REQUIRE(received.size() == 5);
  for (const auto& one : received) CHECK(one.body == body);
  CHECK(setup.clock.slept == std::vector<std::chrono::seconds>{1s, 2s, 0s, 1s});
}

TEST_CASE("P2: an eleventh request never happens") {
  Setup setup({busy(503, "3")});
  const auto response = setup.transport.send({"GET", setup.server.url()});
  CHECK(response.status == 503);
  CHECK(response.attempts == 10);
  CHECK(response.headers.at("retry-after") == "3");
  CHECK(setup.server.received().size() == 10);
}

TEST_CASE("P3: without Retry-After there is one request") {
  const std::string method = GENERATE("GET", "POST");
  Setup setup({{500, {}, ""}});
  CHECK(setup.transport.send({method, setup.server.url()}).status == 500);
  CHECK(setup.server.received().size() == 1);
}

TEST_CASE("P4: a write whose answer breaks off is not repeated, and the hint is honest") {
  const std::string method = GENERATE("POST", "PATCH", "DELETE", "PUT");
  const bool connection_is_warm = GENERATE(false, true);
  CAPTURE(method, connection_is_warm);
  const Answer cut{.status = 0, .end = Answer::End::reset};
  Setup setup(connection_is_warm ? std::vector<Answer>{{200, {}, ""}, cut, {200, {}, ""}}
                                 : std::vector<Answer>{cut, {200, {}, ""}});
  if (connection_is_warm) setup.transport.send({"GET", setup.server.url()});
  try {
    setup.transport.send({method, setup.server.url(), {}, "{}"});
    FAIL("went on");
  } catch (const net::TransportError& error) {
    CHECK(error.failure().stage == net::Failure::Stage::exchange);
    CHECK_THAT(error.hint(), Catch::Contains("may have"));
  }
  CHECK(setup.server.received().size() == (connection_is_warm ? 2 : 1));
  CHECK(setup.clock.slept.empty());
}

TEST_CASE("P4: a GET whose answer breaks off is repeated after a second") {
  const auto end = GENERATE(Answer::End::reset, Answer::End::close);
  Setup setup({{.status = 0, .end = end}, {200, {}, "there"}});
  CHECK(setup.transport.send({"GET", setup.server.url()}).body == "there");
  CHECK(setup.clock.slept == std::vector<std::chrono::seconds>{1s});
}

TEST_CASE("P2: a GET that breaks off ten times ends, and tells what was before") {
  auto first = busy(503, "2");
  first.end = Answer::End::close;  // on a used connection libcurl would ask once more by itself
  Setup setup({first, {.status = 0, .end = Answer::End::reset}});
  CHECK_THROWS_WITH(setup.transport.send({"GET", setup.server.url()}),
                    Catch::Contains("(request 10 of 10)") && Catch::Contains("before that: GET"));
  CHECK(setup.server.received().size() == 10);
  Setup mixed({busy(503, "2"), {.status = 0, .end = Answer::End::reset}});
  CHECK_THROWS_WITH(mixed.transport.send({"POST", mixed.server.url(), {}, "{}"}),
                    Catch::Contains("(request 2 of 10)") &&
                        Catch::Contains("before that: the server answered 503"));
  CHECK(mixed.server.received().size() == 2);
}

TEST_CASE("a refused connection is not tried again") {
  net::CurlTransport curl({});
  CountingClock clock;
  net::RetryTransport transport(curl, clock);
  const std::string url = "http://127.0.0.1:" + std::to_string(test::closed_port());
  CHECK_THROWS_AS(transport.send({"GET", url}), net::TransportError);
  CHECK(clock.slept.empty());
}

TEST_CASE("a connection that is reset within its handshake: a GET tries again, a write does not") {
  const test::Acceptor server([](int socket, int) { reset(socket); });
  net::CurlTransport curl({});
  CountingClock clock;
  net::RetryTransport transport(curl, clock);
  CHECK_THROWS_WITH(transport.send({"GET", url_of(server)}), Catch::Contains("(request 10 of 10)"));
  CHECK(server.connections() == 10);
  CHECK_THROWS_AS(transport.send({"POST", url_of(server), {}, "{}"}), net::TransportError);
  CHECK(server.connections() == 11);
}

TEST_CASE("a connection that is reset before libcurl has looked at it was there, too") {
  const test::Acceptor server([](int socket, int) { reset_at_once(socket); });
  net::CurlTransport curl({});
  for (int i = 0; i < 300; ++i) {
    try {
      curl.send({"GET", url_of(server)});
      FAIL("no error");
    } catch (const net::TransportError& error) {
      CAPTURE(error.what());
      CHECK(error.failure().reset);
    }
  }
}

TEST_CASE("P5: Retry-After is kept to the second by the real clock") {
  ScriptedServer server({busy(429, "1"), {200, {}, ""}});
  net::CurlTransport curl({});
  net::RetryTransport transport(curl);
  transport.send({"GET", server.url()});
  const auto received = server.received();
  REQUIRE(received.size() == 2);
  CHECK(received[1].at - received[0].at >= 1s);
  CHECK(received[1].at - received[0].at < 2s);
}

TEST_CASE("P6: a Retry-After that is no number of seconds is no wish to be asked again") {
  const std::string after =
      GENERATE("Wed, 21 Oct 2026 07:28:00 GMT", "", "-1", "1.5", "99999999999999999999", "soon");
  Setup setup({busy(503, after)});
  CHECK(setup.transport.send({"GET", setup.server.url()}).status == 503);
  CHECK(setup.server.received().size() == 1);
}
