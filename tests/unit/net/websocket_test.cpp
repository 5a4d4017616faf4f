#include "net/websocket.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "base/error.h"
#include "net/curl_transport.h"
#include "support/websocket_server.h"

using namespace lotse;
using namespace std::chrono_literals;
using test::Answer;
using test::Raw;
using test::Received;
using test::ScriptedServer;
using test::server_frame;

namespace {

constexpr int binary = 0x82;
constexpr int close_frame = 0x88;
constexpr int ping = 0x89;

/// A server that upgrades and then does `talk`, and a socket to it.
struct Setup {
  ScriptedServer server;
  net::CurlTransport transport{{}};
  net::Request request;
  net::Upgraded upgraded;
  std::vector<std::string> messages;

  explicit Setup(const std::function<void(Raw&)>& talk)
      : server([talk](const Received& received, int) {
          return test::upgrade(received, "one", talk);
        }) {
    request.url = server.url("/a/b?c=d");
    request.headers = {{"X-Thing", "yes"}};
    upgraded = net::open_websocket(transport, request, {"one", "two"});
    REQUIRE(upgraded.socket != nullptr);
  }

  /// Until the server closes; what goes wrong is the text of the error.
  std::string run() {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    std::vector<pollfd> none;
    try {
      while (upgraded.socket->step([&](std::string_view text) { messages.emplace_back(text); })) {
        REQUIRE(std::chrono::steady_clock::now() < limit);
        upgraded.socket->wait(none, 1s);
      }
    } catch (const net::TransportError& error) {
      CHECK(error.failure().stage == net::Failure::Stage::exchange);
      return error.failure().message;
    }
    return "";
  }
};

std::string error_of_handshake(const std::function<Answer(const Received&)>& answer) {
  ScriptedServer server([&](const Received& received, int) { return answer(received); });
  net::CurlTransport transport({});
  net::Request request;
  request.url = server.url();
  try {
    net::open_websocket(transport, request, {"one"});
  } catch (const net::TransportError& error) {
    return error.failure().message;
  }
  return "";
}

}  // namespace

TEST_CASE("the handshake says what RFC 6455 asks for, and goes the way of every other request") {
  const auto certificates = test::make_certificates();
  ScriptedServer server(
      [](const Received& received, int) {
        return test::upgrade(received, "two", [](Raw& raw) {
          raw.write(server_frame(close_frame, test::close_payload(1000)));
        });
      },
      {true, certificates, true});
  const auto client = test::make_certificates({"somebody", "", -3600, 86400, "clientAuth"});
  net::Connection connection;
  connection.ca = certificates.authority;
  connection.certificate = client.certificate;
  connection.key = client.key;
  net::CurlTransport transport(connection);
  net::Request request;
  request.url = server.url("/a/b?c=d");
  request.headers = {{"Authorization", "Bearer x"}};
  const auto upgraded = net::open_websocket(transport, request, {"one", "two"});
  REQUIRE(upgraded.socket != nullptr);
  CHECK(upgraded.socket->protocol() == "two");
  const auto received = server.received().at(0);
  CHECK(received.method == "GET");
  CHECK(received.target == "/a/b?c=d");
  CHECK(received.headers.at("host") == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(received.headers.at("upgrade") == "websocket");
  CHECK(received.headers.at("connection") == "Upgrade");
  CHECK(received.headers.at("sec-websocket-version") == "13");
  CHECK(received.headers.at("sec-websocket-protocol") == "one, two");
  CHECK(received.headers.at("sec-websocket-key").size() == 24);
  CHECK(received.headers.at("authorization") == "Bearer x");
  CHECK(server.client_name() == "somebody");
  // The same checks of the server, too.
  connection.ca = test::make_certificates({"x", "", 0, 86400, "serverAuth", true}).certificate;
  net::CurlTransport wary(connection);
  CHECK_THROWS_AS(net::open_websocket(wary, request, {"one"}), net::TransportError);
}

TEST_CASE("a handshake that is wrong in any part is refused") {
  const auto with = [](const char* name, const std::string& value) {
    return error_of_handshake([=](const Received& received) {
      auto answer = test::upgrade(received, "one", [](Raw&) {});
      answer.headers[name] = value;
      return answer;
    });
  };
  CHECK_THAT(with("Sec-WebSocket-Accept", test::websocket_accept("another key")),
             Catch::Contains("Sec-WebSocket-Accept is wrong"));
  CHECK_THAT(with("Sec-WebSocket-Protocol", "three"), Catch::Contains("'three'"));
  CHECK_THAT(with("Sec-WebSocket-Extensions", "permessage-deflate"), Catch::Contains("extension"));
  CHECK_THAT(with("Upgrade", "h2c"), Catch::Contains("something else"));
  CHECK_THAT(with("Connection", "close"), Catch::Contains("something else"));
  CHECK(with("X-Other", "y").empty());
  CHECK_THAT(error_of_handshake(
                 [](const Received&) { return Answer{0, {}, "", {}, 0ms, Answer::End::close}; }),
             Catch::Contains("ended before the answer"));
}

TEST_CASE("an answer that is no upgrade comes back with its body, chunked or not") {
  for (const bool chunked : {false, true}) {
    Answer answer{403, {{"X-Why", "because"}}, "no, never"};
    if (chunked) {
      answer.pieces = {answer.body};
      answer.body.clear();
    }
    ScriptedServer server({answer});
    net::CurlTransport transport({});
    net::Request request;
    request.url = server.url();
    const auto upgraded = net::open_websocket(transport, request, {"one"});
    CHECK(upgraded.socket == nullptr);
    CHECK(upgraded.response.status == 403);
    CHECK(upgraded.response.headers.at("x-why") == "because");
    CHECK(upgraded.response.body == "no, never");
  }
}

TEST_CASE("messages of every length form arrive whole, masked anew each time") {
  std::vector<std::string> got;
  std::set<std::string> masks;
  bool all_masked = true;
  const std::vector<size_t> sizes = {0, 1, 125, 126, 127, 65535, 65536, 300'000};
  Setup setup([&](Raw& raw) {
    std::string buffer;
    for (size_t i = 0; i < sizes.size(); ++i) {
      const auto frame = test::read_frame(raw, buffer);
      if (!frame) return;
      all_masked = all_masked && frame->masked && frame->last && frame->opcode == 2;
      masks.insert(frame->mask);
      got.push_back(frame->payload);
      raw.write(server_frame(binary, frame->payload));
    }
    raw.write(server_frame(close_frame, test::close_payload(4001, "enough")));
    const auto answer = test::read_frame(raw, buffer);
    got.push_back(answer ? answer->payload : "no close");
  });
  std::vector<std::string> sent;
  for (const auto size : sizes) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + size);
    setup.upgraded.socket->send(text);
    sent.push_back(text);
  }
  CHECK(setup.run().empty());
  CHECK(setup.messages == sent);
  CHECK(setup.upgraded.socket->closing().code == 4001);
  CHECK(setup.upgraded.socket->closing().reason == "enough");
  setup.upgraded.socket->step([](std::string_view) {});
  std::this_thread::sleep_for(100ms);  // the server reads our answer to its close
  CHECK(all_masked);
  CHECK(masks.size() == sizes.size());
  sent.push_back(test::close_payload(4001));
  CHECK(got == sent);
}

TEST_CASE("a message in pieces, cut into single bytes, with a ping between them") {
  std::string pong;
  Setup setup([&](Raw& raw) {
    const std::string all = server_frame(0x02, "he") + server_frame(ping, "still there?") +
                            server_frame(0x00, "") + server_frame(0x80, "llo") +
                            server_frame(0x8A, "unasked") + server_frame(binary, "next") +
                            server_frame(close_frame, "");
    for (const char byte : all) raw.write({&byte, 1});
    std::string buffer;
    while (const auto frame = test::read_frame(raw, buffer))
      if (frame->opcode == 10) pong = frame->payload;
  });
  CHECK(setup.run().empty());
  CHECK(setup.messages == std::vector<std::string>{"hello", "next"});
  CHECK(setup.upgraded.socket->closing().code == 1005);
  std::this_thread::sleep_for(100ms);
  CHECK(pong == "still there?");
}

TEST_CASE("what breaks the protocol ends the connection, and the server is told why") {
  struct Case {
    std::string bytes;
    int code;
    const char* why;
  };
  const std::string too_big("\x82\x7f\x00\x00\x00\x00\x40\x00\x00\x00", 10);
  const std::string huge("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10);
  std::string pieces;  // each is allowed, all of them together are not
  for (int i = 0; i < 17; ++i)
    pieces += server_frame(i == 0 ? 0x02 : 0x00, std::string(1 << 20, 'x'));
  const std::vector<Case> cases = {
      {server_frame(0xC2, "x"), 1002, "reserved bit"},
      {server_frame(0x83, "x"), 1002, "opcode 3"},
      {server_frame(0x8B, "x"), 1002, "opcode 11"},
      {std::string("\x82\x81mask\x00", 7), 1002, "masked"},
      {server_frame(0x09, "x"), 1002, "control frame"},
      {std::string("\x89\x7e\x00\x80", 4), 1002, "control frame"},
      {std::string("\x82\x7e\x00\x05hello", 9), 1002, "shortest"},
      {server_frame(0x80, "x"), 1002, "out of order"},
      {server_frame(0x02, "x") + server_frame(binary, "y"), 1002, "out of order"},
      {server_frame(close_frame, "x"), 1002, "one byte"},
      {server_frame(close_frame, test::close_payload(1006)), 1002, "close code 1006"},
      {server_frame(close_frame, test::close_payload(999)), 1002, "close code 999"},
      {server_frame(0x81, "text"), 1003, "text"},
      {too_big, 1009, "too big"},
      {huge, 1009, "too big"},
      {pieces, 1009, "too big"},
  };
  for (const auto& [bytes, code, why] : cases) {
    INFO(why);
    std::string told;
    {
      Setup setup([&, &bytes = bytes](Raw& raw) {
        raw.write(bytes);
        std::string buffer;
        while (const auto frame = test::read_frame(raw, buffer))
          if (frame->opcode == 8) told = frame->payload;
      });
      CHECK_THAT(setup.run(), Catch::Contains(why));
      CHECK(setup.messages.empty());
      setup.upgraded.socket.reset();
      std::this_thread::sleep_for(50ms);
    }
    REQUIRE(told.size() >= 2);
    CHECK(told.substr(0, 2) == test::close_payload(code));
  }
}

TEST_CASE("a connection cut anywhere is told as cut, not as closed") {
  const std::string all = server_frame(binary, "hello") + server_frame(close_frame, "");
  for (size_t cut = 0; cut < all.size(); ++cut) {
    INFO(cut);
    Setup setup([&](Raw& raw) { raw.write(all.substr(0, cut)); });
    CHECK_THAT(setup.run(), Catch::Contains("without a close frame"));
    CHECK(setup.messages ==
          (cut < 7 ? std::vector<std::string>{} : std::vector<std::string>{"hello"}));
  }
}

TEST_CASE("frames cut and changed at random never crash the reader nor grow without bound") {
  std::mt19937 random(11);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    for (int frames = 0; frames < 3; ++frames)
      bytes +=
          server_frame(0x80 | static_cast<int>(random() % 16), std::string(random() % 140, 'x'));
    bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    std::string_view left = bytes;
    try {
      while (const auto frame = net::take_frame(left, 1000))
        REQUIRE(frame->payload.data() + frame->payload.size() <= bytes.data() + bytes.size());
    } catch (const net::ProtocolError& error) {
      CHECK((error.code() == 1002 || error.code() == 1009));
    }
  }
}

TEST_CASE("our own end: what is queued goes out first, then the server answers the close") {
  std::vector<std::string> got;
  Setup setup([&](Raw& raw) {
    std::string buffer;
    while (const auto frame = test::read_frame(raw, buffer)) {
      got.push_back(frame->payload);
      if (frame->opcode == 8) return void(raw.write(server_frame(close_frame, frame->payload)));
    }
  });
  setup.upgraded.socket->send(std::string(2'000'000, 'z'));
  setup.upgraded.socket->close(1000, "done");
  setup.upgraded.socket->send("too late");
  CHECK(setup.run().empty());
  CHECK(setup.upgraded.socket->closing().code == 1000);
  CHECK(got ==
        std::vector<std::string>{std::string(2'000'000, 'z'), test::close_payload(1000, "done")});
}
