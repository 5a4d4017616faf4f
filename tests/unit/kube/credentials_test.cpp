// docs/promises.md A3 and A4, from the kubeconfig to the request: who we are, on a real connection.
#include "identity/credentials.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "kube/client.h"
#include "net/curl_transport.h"
#include "support/error_from.h"
#include "support/scripted_server.h"
#include "unit/identity/plugin.h"

using namespace lotse;
using kube::json;
using test::Answer;
using test::Plugin;
using test::Received;
using test::ScriptedServer;

namespace {

class HandClock : public base::Clock {
 public:
  Time now() override { return now_; }
  void sleep(Duration duration) override { now_ += duration; }
  void turn(Duration duration) { now_ += duration; }

 private:
  Time now_ = std::chrono::steady_clock::now();
};

kube::Call call(const std::string& path = "/x") {
  kube::Call call;
  call.path = path;
  return call;
}

/// A client of a server that takes one token and no other, and thinks for a moment about the path
/// /slow.
struct Guarded {
  test::Certificates certificates = test::make_certificates({});
  std::string wanted;
  ScriptedServer server{[this](const Received& received, int) -> Answer {
                          const auto sent = received.headers.find("authorization");
                          const bool good =
                              sent != received.headers.end() && sent->second == "Bearer " + wanted;
                          Answer answer{good ? 200 : 401, {}, "{}"};
                          if (received.target == "/slow")
                            answer.pause = std::chrono::milliseconds(200);
                          return answer;
                        },
                        {true, certificates}};
  identity::Settings settings;
  std::unique_ptr<net::CurlTransport> curl;
  std::unique_ptr<kube::Client> client;

  explicit Guarded(const identity::Settings& given) : settings(given) {
    settings.server = "https://127.0.0.1:" + std::to_string(server.port());
    settings.ca = certificates.authority;
    curl = std::make_unique<net::CurlTransport>(kube::connection_of(settings));
    client = std::make_unique<kube::Client>(*curl, settings);
  }
  int get() const { return client->send(call()).status; }
  int requests() const { return static_cast<int>(server.received().size()); }
};

test::Certificates client_certificate(const std::string& name) {
  test::CertificateWish wish;
  wish.common_name = name;
  wish.usage = "clientAuth";
  return test::make_certificates(wish);
}

}  // namespace

TEST_CASE("A3 P4: a refused plug-in's credential is renewed once and the request sent once more") {
  Plugin plugin;
  plugin.gives({{"token", "token1"}});
  Guarded guarded(plugin.settings);
  guarded.wanted = "token1";
  CHECK(guarded.get() == 200);
  plugin.gives({{"token", "token2"}});
  CHECK(guarded.get() == 200);  // the plug-in is not asked before it must be
  CHECK(plugin.runs() == 1);
  guarded.wanted = "token2";
  CHECK(guarded.get() == 200);
  CHECK(plugin.runs() == 2);
  CHECK(guarded.requests() == 4);
  plugin.gives_token("token3", std::chrono::hours(1));
  guarded.wanted = "token3";
  CHECK(guarded.get() == 200);
  *plugin.now += std::chrono::hours(2);
  plugin.gives_token("token4", std::chrono::hours(1));
  guarded.wanted = "token4";
  CHECK(guarded.get() == 200);  // expired: renewed without a 401
  CHECK(guarded.requests() == 7);
  guarded.wanted = "never";
  CHECK(guarded.get() == 401);  // a second 401 is the end
  CHECK(guarded.requests() == 9);
  CHECK(plugin.runs() == 5);
  CHECK(guarded.get() == 401);  // and stays one: no run for each further request
  CHECK(plugin.runs() == 5);
}

TEST_CASE("a stream that is answered 401 is worth one more try, with another credential") {
  Plugin plugin;
  plugin.gives({{"token", "old"}});
  Guarded guarded(plugin.settings);
  const auto status_of_stream = [&] {
    int status = 0;
    bool ended = false;
    net::StreamHandler handler;
    handler.on_head = [&](const net::Response& head) { status = head.status; };
    handler.on_end = [&](const std::optional<net::Failure>&) { ended = true; };
    guarded.client->open(call("/watch"), handler, std::chrono::seconds(20));
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!ended && std::chrono::steady_clock::now() < limit)
      guarded.curl->poll(std::chrono::milliseconds(100));
    return status;
  };
  guarded.wanted = "old";
  CHECK(status_of_stream() == 200);
  plugin.gives({{"token", "new"}});
  guarded.wanted = "new";
  CHECK(status_of_stream() == 401);
  CHECK(guarded.client->can_renew_credentials(guarded.client->credentials_serial()));
  CHECK(status_of_stream() == 200);
  guarded.wanted = "never";
  CHECK(status_of_stream() == 401);
  CHECK(guarded.client->can_renew_credentials(guarded.client->credentials_serial()));
  CHECK(status_of_stream() == 401);
  CHECK_FALSE(guarded.client->can_renew_credentials(guarded.client->credentials_serial()));
  CHECK(plugin.runs() == 3);
}

TEST_CASE("a stream that renews while a request waits leaves the request its second try") {
  Plugin plugin;
  plugin.gives({{"token", "old"}});
  Guarded guarded(plugin.settings);
  guarded.wanted = "old";
  CHECK(guarded.get() == 200);
  plugin.gives({{"token", "new"}});
  guarded.wanted = "new";
  bool renewed = false;
  net::StreamHandler handler;
  uint64_t serial = 0;
  handler.on_end = [&](const std::optional<net::Failure>&) {
    renewed = guarded.client->can_renew_credentials(serial);
  };
  guarded.client->open(call("/watch"), handler, std::chrono::seconds(20));
  serial = guarded.client->credentials_serial();
  CHECK(guarded.client->send(call("/slow")).status == 200);
  CHECK(renewed);
  CHECK(plugin.runs() == 2);
}

TEST_CASE("A3 P3: a hundred requests with an hour's credential are one run; its end is one more") {
  Plugin plugin;
  plugin.gives_token("t", std::chrono::hours(1));
  Guarded guarded(plugin.settings);
  guarded.wanted = "t";
  for (int i = 0; i < 100; ++i) REQUIRE(guarded.get() == 200);
  CHECK(plugin.runs() == 1);
  *plugin.now += std::chrono::minutes(61);
  plugin.gives_token("t", std::chrono::hours(1));
  for (int i = 0; i < 10; ++i) REQUIRE(guarded.get() == 200);
  CHECK(plugin.runs() == 2);
}

TEST_CASE("a token, a password or a certificate of the kubeconfig spares the plug-in") {
  Plugin plugin;
  plugin.gives({{"token", "never"}});
  auto settings = plugin.settings;
  const auto method = GENERATE("token", "token file", "password", "certificate");
  CAPTURE(method);
  if (method == std::string("token")) settings.token = "given";
  if (method == std::string("token file")) {
    plugin.write("token", "given");
    settings.token_file = plugin.path("token");
  }
  if (method == std::string("password")) settings.username = "given";
  const auto made = client_certificate("given");
  if (method == std::string("certificate")) {
    settings.certificate = made.certificate;
    settings.key = made.key;
  }
  identity::Credentials credentials(settings);
  CHECK_THAT(credentials.authorization(), !Catch::Contains("never"));
  CHECK_FALSE(credentials.refused(credentials.serial()));
  CHECK(plugin.runs() == 0);
}

TEST_CASE("a plug-in's certificate reaches the connection; another one closes it") {
  Plugin plugin;
  const auto gives = [&](const std::string& name) {
    const auto made = client_certificate(name);
    plugin.gives({{"clientCertificateData", made.certificate},
                  {"clientKeyData", made.key},
                  {"expirationTimestamp", test::rfc3339(*plugin.now + std::chrono::hours(1))}});
  };
  gives("alice");
  const auto certificates = test::make_certificates({});
  ScriptedServer server({{200, {}, "{}"}}, {true, certificates, true});
  auto settings = plugin.settings;
  settings.server = "https://127.0.0.1:" + std::to_string(server.port());
  settings.ca = certificates.authority;
  net::CurlTransport curl(kube::connection_of(settings));
  kube::Client client(curl, settings);
  for (int i = 0; i < 3; ++i) CHECK(client.send(call()).status == 200);
  CHECK(server.client_name() == "alice");
  CHECK(server.connections() == 1);
  *plugin.now += std::chrono::hours(2);
  gives("bob");
  for (int i = 0; i < 3; ++i) CHECK(client.send(call()).status == 200);
  CHECK(server.client_name() == "bob");
  CHECK(server.connections() == 2);
  CHECK(plugin.runs() == 2);
}

TEST_CASE("A4: a token file is read again every minute, and what cannot be used changes nothing") {
  Plugin files;
  HandClock clock;
  identity::Settings settings;
  settings.token_file = files.path("token");
  files.write("token", " one\n");
  identity::Credentials credentials(settings, clock);
  CHECK(credentials.authorization() == "Bearer one");
  files.write("token", "two");
  clock.turn(std::chrono::seconds(45));
  CHECK(credentials.authorization() == "Bearer one");
  clock.turn(std::chrono::seconds(10));
  CHECK(credentials.authorization() == "Bearer two");
  for (const auto* broken : {"", " \n",
                             "a\x01"
                             "b"}) {
    files.write("token", broken);
    clock.turn(std::chrono::seconds(60));
    CHECK(credentials.authorization() == "Bearer two");
  }
  std::filesystem::remove(settings.token_file);
  clock.turn(std::chrono::seconds(60));
  CHECK(credentials.authorization() == "Bearer two");
  CHECK_FALSE(credentials.refused(credentials.serial()));
  credentials.accepted();
  files.write("token", "three");
  CHECK(credentials.refused(credentials.serial()));
  CHECK(credentials.authorization() == "Bearer three");
}

TEST_CASE("A4: all that was sent with a token that is refused may be sent again with the next") {
  Plugin files;
  HandClock clock;
  identity::Settings settings;
  settings.token_file = files.path("token");
  files.write("token", "one");
  identity::Credentials credentials(settings, clock);
  credentials.authorization();
  const auto first = credentials.serial();
  files.write("token", "two");
  for (int stream = 0; stream < 3; ++stream) CHECK(credentials.refused(first));
  CHECK(credentials.authorization() == "Bearer two");
  const auto second = credentials.serial();
  CHECK_FALSE(credentials.refused(second));
  CHECK_FALSE(credentials.refused(second));
  files.write("token", "three");
  CHECK_FALSE(credentials.refused(second));  // the server has not accepted the second yet
  credentials.accepted();
  CHECK(credentials.refused(second));
  CHECK(credentials.refused(second));
}

TEST_CASE("A4: a token file that never held a token is an error, unless a token stands beside it") {
  Plugin files;
  identity::Settings settings;
  settings.token_file = files.path("token");
  CHECK_THROWS_WITH(identity::Credentials(settings).authorization(), Catch::Contains("token"));
  files.write("token", "\n");
  CHECK_THROWS_WITH(identity::Credentials(settings).authorization(), Catch::Contains("no token"));
  settings.token = "beside";
  CHECK(identity::Credentials(settings).authorization() == "Bearer beside");
  files.write("token", "file");
  CHECK(identity::Credentials(settings).authorization() == "Bearer file");
}

TEST_CASE("A4 P1: files of certificates are read again, and what cannot be used changes nothing") {
  Plugin files;
  HandClock clock;
  const auto first = client_certificate("first");
  const auto second = client_certificate("second");
  identity::Settings settings;
  settings.ca_file = files.path("ca");
  settings.certificate_file = files.path("certificate");
  settings.key_file = files.path("key");
  settings.ca = first.authority;
  settings.certificate = first.certificate;
  settings.key = first.key;
  const auto write = [&](const std::string& ca, const std::string& certificate,
                         const std::string& key) {
    files.write("ca", ca);
    files.write("certificate", certificate);
    files.write("key", key);
  };
  identity::TlsFiles tls(settings, clock);
  const auto later = [&] {
    clock.turn(std::chrono::seconds(61));
    return tls.current();
  };
  write(first.authority, first.certificate, first.key);
  CHECK(later() == nullptr);  // no change
  std::filesystem::remove(settings.ca_file);
  CHECK(later() == nullptr);  // a file error
  for (const auto* broken : {"", "foo"}) {
    write(broken, second.certificate, first.key);  // the pair is half written
    CHECK(later() == nullptr);
  }
  write(first.authority + first.authority, second.certificate, second.key);
  CHECK(tls.current() == nullptr);  // not yet
  const auto changed = later();
  REQUIRE(changed != nullptr);
  CHECK(*changed ==
        net::TlsIdentity{first.authority + first.authority, second.certificate, second.key});
  CHECK(later() == changed);
}

TEST_CASE("A4 P3: credentials are not sent over http, and the refusal says so") {
  Plugin plugin;
  plugin.gives({{"token", "canary-6d"}});
  ScriptedServer server({{401, {}, "{}"}});
  auto settings = plugin.settings;
  if (GENERATE(true, false)) settings.token = "canary-6d";
  settings.server = "http://127.0.0.1:" + std::to_string(server.port());
  net::CurlTransport curl({});
  kube::Client client(curl, settings);
  const auto error = test::error_from([&] { client.send(call()); });
  CHECK(error.kind() == base::ErrorKind::denied);
  CHECK_THAT(error.what(),
             Catch::Contains("never sent over http") && !Catch::Contains("canary-6d"));
  CHECK(server.received().size() == 1);
  CHECK(server.received().at(0).headers.count("authorization") == 0);
  CHECK(plugin.runs() == 0);
}

TEST_CASE("A4 P3: credentials follow no redirect to another host") {
  ScriptedServer elsewhere({{200, {}, "{}"}});
  const int status = GENERATE(301, 302, 307, 308);
  const auto certificates = test::make_certificates({});
  ScriptedServer server({{status, {{"Location", elsewhere.url("/stolen")}}, ""}},
                        {true, certificates});
  identity::Settings settings;
  settings.token = "canary-6d";
  settings.server = "https://127.0.0.1:" + std::to_string(server.port());
  settings.ca = certificates.authority;
  net::CurlTransport curl(kube::connection_of(settings));
  kube::Client client(curl, settings);
  CHECK(client.send(call()).status == status);
  CHECK(elsewhere.received().empty());
}
