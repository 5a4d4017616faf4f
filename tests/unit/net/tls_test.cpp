// docs/promises.md A4: whatever is wrong with the server's certificate, nothing is sent, and the
// reason is told.
#include <openssl/ssl.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "net/curl_transport.h"
#include "support/scripted_server.h"

using namespace lotse;
using test::CertificateWish;
using test::ScriptedServer;

namespace {

struct Setup {
  test::Certificates certificates;
  ScriptedServer server;
  net::Connection connection;
  explicit Setup(const CertificateWish& wish = {}, int newest_tls = 0)
      : certificates(test::make_certificates(wish)),
        server({{200, {}, "secret"}}, {true, certificates, true, newest_tls}) {
    connection.ca = certificates.authority;
  }
  /// "" if it went well, else why not.
  std::string outcome() {
    net::CurlTransport transport(connection);
    try {
      return transport.send({"GET", server.url(), {{"Authorization", "Bearer x"}}}).body == "secret"
                 ? ""
                 : "another body";
    } catch (const net::TransportError& error) {
      CHECK(error.failure().stage == net::Failure::Stage::connect);
      CHECK(server.received().empty());
      return error.what();
    }
  }
};

CertificateWish named(const std::string& common_name, const std::string& alternative_names) {
  CertificateWish wish;
  wish.common_name = common_name;
  wish.alternative_names = alternative_names;
  return wish;
}

}  // namespace

TEST_CASE("a good certificate is taken") {
  CHECK(Setup().outcome().empty());
}

TEST_CASE("a wrong certificate is refused, with the reason") {
  SECTION("expired") {
    CertificateWish wish;
    wish.begins = -7200;
    wish.ends = -3600;
    CHECK_THAT(Setup(wish).outcome(), Catch::Contains("expired"));
  }
  SECTION("not valid yet") {
    CertificateWish wish;
    wish.begins = 3600;
    CHECK_THAT(Setup(wish).outcome(), Catch::Contains("not yet valid"));
  }
  SECTION("signed by itself") {
    CertificateWish wish;
    wish.self_signed = true;
    CHECK_THAT(Setup(wish).outcome(),
               Catch::Contains("self-signed") || Catch::Contains("self signed"));
  }
  SECTION("signed by nobody we know") {
    Setup setup;
    CertificateWish stranger;
    stranger.self_signed = true;
    setup.connection.ca = test::make_certificates(stranger).certificate;
    CHECK_THAT(setup.outcome(), Catch::Contains("certificate"));
  }
  SECTION("signed by nobody the system knows") {
    Setup setup;
    setup.connection.ca = "";
    CHECK_THAT(setup.outcome(), Catch::Contains("certificate"));
  }
  SECTION("another address") {
    CHECK_THAT(Setup(named("localhost", "DNS:localhost,IP:127.0.0.2")).outcome(),
               Catch::Contains("127.0.0.1"));
  }
  SECTION("the address as a name") {
    CHECK_FALSE(Setup(named("x", "DNS:127.0.0.1")).outcome().empty());
  }
  SECTION("meant for clients") {
    CertificateWish wish;
    wish.usage = "clientAuth";
    CHECK_THAT(Setup(wish).outcome(), Catch::Contains("purpose"));
  }
  SECTION("a CA that is no certificate") {
    Setup setup;
    setup.connection.ca = "not PEM";
    CHECK_FALSE(setup.outcome().empty());
  }
}

TEST_CASE("a chain that does not lead to the authority is refused, with the reason") {
  using Issuer = CertificateWish::Issuer;
  const auto outcome = [](Issuer issuer) {
    CertificateWish wish;
    wish.issuer = issuer;
    return Setup(wish).outcome();
  };
  CHECK(outcome(Issuer::intermediate).empty());
  CHECK_THAT(outcome(Issuer::missing), Catch::Contains("issuer certificate"));
  CHECK_THAT(outcome(Issuer::expired), Catch::Contains("expired"));
  CHECK_THAT(outcome(Issuer::no_authority), Catch::Contains("invalid CA certificate"));
}

TEST_CASE("only alternative names count, of the kind that was asked for") {
  SECTION("a common name alone, as a name") {
    Setup setup(named("api.example", ""));
    setup.connection.server_name = "api.example";
    CHECK_THAT(setup.outcome(), Catch::Contains("hostname mismatch"));
  }
  SECTION("a common name alone, as an address") {
    CHECK_THAT(Setup(named("127.0.0.1", "")).outcome(), Catch::Contains("hostname mismatch"));
  }
  SECTION("a common name beside another kind of name") {
    CHECK_THAT(Setup(named("127.0.0.1", "email:a@example.org")).outcome(),
               Catch::Contains("hostname mismatch"));
  }
  SECTION("a common name beside other names") {
    CHECK_THAT(Setup(named("127.0.0.1", "DNS:localhost")).outcome(),
               Catch::Contains("no alternative certificate subject name matches"));
  }
  SECTION("an address asked for by a name") {
    Setup setup(named("x", "IP:127.0.0.1"));
    setup.connection.server_name = "localhost";
    CHECK_THAT(setup.outcome(), Catch::Contains("localhost"));
  }
  SECTION("a wildcard in the middle of a label, or for a whole domain") {
    for (const auto* names : {"DNS:a*.example.org", "DNS:*"}) {
      Setup setup(named("x", names));
      setup.connection.server_name = "api.example.org";
      CHECK_FALSE(setup.outcome().empty());
    }
  }
  SECTION("a name that begins like the one that was asked for") {
    Setup setup(named("x", "DNS:api.example.org.evil.example"));
    setup.connection.server_name = "api.example.org";
    CHECK_FALSE(setup.outcome().empty());
  }
}

namespace {

/// What happened on one open stream.
struct Watch {
  std::string body;
  std::optional<net::Failure> failure;
  bool ended = false;
  net::StreamHandler handler() {
    net::StreamHandler handler;
    handler.on_data = [this](std::string_view bytes) { body += bytes; };
    handler.on_end = [this](const std::optional<net::Failure>& why) {
      ended = true;
      failure = why;
    };
    return handler;
  }
};

}  // namespace

TEST_CASE("another identity is used from the request on that brings it; old streams end") {
  const auto identity_of = [](const std::string& name) {
    CertificateWish wish = named(name, "");
    wish.usage = "clientAuth";
    const auto made = test::make_certificates(wish);
    return std::make_shared<const net::TlsIdentity>(
        net::TlsIdentity{made.authority, made.certificate, made.key});
  };
  const auto good = test::make_certificates({});
  const auto script = [](const test::Received& received, int) -> test::Answer {
    if (received.target != "/watch") return {200, {}, "ok"};
    return {.pieces = {"one"}, .end = test::Answer::End::hang};
  };
  ScriptedServer server(script, {true, good, true});
  net::Connection connection;
  connection.ca = good.authority;
  net::CurlTransport transport(connection);
  net::Request request{"GET", server.url()};
  request.tls = identity_of("alice");
  CHECK(transport.send(request).body == "ok");
  CHECK(server.client_name() == "alice");
  net::Request watch{"GET", server.url("/watch")};
  watch.tls = request.tls;
  Watch seen;
  transport.open(watch, seen.handler());
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (seen.body.empty() && std::chrono::steady_clock::now() < limit)
    transport.poll(std::chrono::milliseconds(100));
  REQUIRE(seen.body == "one");
  const int before = server.connections();
  CHECK(transport.send(request).body == "ok");  // the same identity: nothing ends
  CHECK_FALSE(seen.ended);

  request.tls = identity_of("bob");
  CHECK(transport.send(request).body == "ok");
  CHECK(server.client_name() == "bob");
  CHECK(server.connections() > before);
  CHECK(seen.ended);
  REQUIRE(seen.failure.has_value());
  CHECK(seen.failure->stage == net::Failure::Stage::exchange);
  const int now = server.connections();
  request.tls.reset();  // says nothing: what is used stays
  CHECK(transport.send(request).body == "ok");
  CHECK(server.client_name() == "bob");
  CHECK(server.connections() <= now + 1);  // the pool was made anew once the stream had ended
}

TEST_CASE("tls-server-name decides which name is verified, and where we connect stays") {
  SECTION("the right one") {
    Setup setup(named("x", "DNS:api.example"));
    CHECK_FALSE(setup.outcome().empty());
    setup.connection.server_name = "api.example";
    CHECK(setup.outcome().empty());
  }
  SECTION("another one") {
    Setup setup;
    setup.connection.server_name = "api.example";
    CHECK_THAT(setup.outcome(), Catch::Contains("api.example"));
  }
  SECTION("a wildcard stands for one label") {
    Setup setup(named("x", "DNS:*.example.org"));
    setup.connection.server_name = "api.example.org";
    CHECK(setup.outcome().empty());
    Setup deeper(named("x", "DNS:*.example.org"));
    deeper.connection.server_name = "a.api.example.org";
    CHECK_FALSE(deeper.outcome().empty());
  }
}

TEST_CASE("TLS before 1.2 is refused") {
  CHECK_FALSE(Setup({}, TLS1_1_VERSION).outcome().empty());
  CHECK_FALSE(Setup({}, TLS1_VERSION).outcome().empty());
  CHECK(Setup({}, TLS1_2_VERSION).outcome().empty());
}

TEST_CASE("insecure takes any certificate, because the user said so") {
  CertificateWish wish = named("x", "");
  wish.self_signed = true;
  Setup setup(wish);
  setup.connection.insecure = true;
  CHECK(setup.outcome().empty());
}

TEST_CASE("a client certificate is shown to the server") {
  Setup setup;
  CertificateWish wish = named("alice", "");
  wish.usage = "clientAuth";
  const auto client = test::make_certificates(wish);
  setup.connection.certificate = client.certificate;
  setup.connection.key = client.key;
  CHECK(setup.outcome().empty());
  CHECK(setup.server.client_name() == "alice");
}

TEST_CASE("a client certificate without its own key is refused before anything is sent") {
  Setup setup;
  setup.connection.certificate = test::make_certificates({}).certificate;
  setup.connection.key = test::make_certificates({}).key;
  CHECK_FALSE(setup.outcome().empty());
}
