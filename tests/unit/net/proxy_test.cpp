// Promise A4 P4: proxies, as Go's net/http understands them.
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "net/curl_transport.h"
#include "support/scripted_server.h"
#include "support/test_proxy.h"

using namespace lotse;
using test::ProxyOptions;
using test::ScriptedServer;
using test::TestProxy;

namespace {

/// 0.0.0.0 leads to this machine as well, but is no loopback address: proxies count for it.
test::Certificates certificates() {
  test::CertificateWish wish;
  wish.alternative_names = "DNS:far.example,IP:0.0.0.0,IP:127.0.0.1";
  return test::make_certificates(wish);
}

struct Setup {
  test::Certificates made = certificates();
  ScriptedServer server{{{200, {}, "ok"}}, {true, made}};
  net::Connection connection;
  Setup() { connection.ca = made.authority; }
  std::string port() const { return std::to_string(server.port()); }
  std::string get(const std::string& host) const {
    net::CurlTransport transport(connection);
    const net::Request request{
        "GET", "https://" + host + ":" + port() + "/", {{"Authorization", "Bearer canary-4b"}}};
    return transport.send(request).body;
  }
};

/// Sets variables for one test.
class Environment {
 public:
  Environment(std::initializer_list<std::pair<const char*, std::string>> values) {
    for (const auto& [name, value] : values) {
      ::setenv(name, value.c_str(), 1);
      names_.push_back(name);
    }
  }
  ~Environment() {
    for (const auto* name : names_) ::unsetenv(name);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<const char*> names_;
};

}  // namespace

TEST_CASE("a proxy of the kubeconfig is used, and learns nothing but where to") {
  using Kind = ProxyOptions::Kind;
  const auto [kind, scheme] = GENERATE(table<Kind, std::string>({
      {Kind::connect, "http://"},
      {Kind::connect_by_tls, "https://"},
      {Kind::socks5, "socks5://"},
  }));
  Setup setup;
  const TestProxy proxy(setup.server.port(), {kind, setup.made});
  setup.connection.proxy = scheme + "127.0.0.1:" + std::to_string(proxy.port());
  // The name is for the proxy to resolve: here it could not be.
  CHECK(setup.get("far.example") == "ok");
  CHECK(proxy.asked() == std::vector<std::string>{"far.example:" + setup.port()});
  CHECK_THAT(proxy.heads(), !Catch::Contains("canary-4b"));
  CHECK(setup.server.received().at(0).headers.at("authorization") == "Bearer canary-4b");
}

TEST_CASE("a proxy of the kubeconfig is used whatever NO_PROXY says, and gets its password") {
  Setup setup;
  const TestProxy proxy(setup.server.port());
  const Environment environment{{"NO_PROXY", "*"}, {"no_proxy", "far.example"}};
  setup.connection.proxy = "http://user:word@127.0.0.1:" + std::to_string(proxy.port());
  CHECK(setup.get("far.example") == "ok");
  CHECK(proxy.asked().size() == 1);
  CHECK_THAT(proxy.heads(), Catch::Contains("Proxy-Authorization: Basic dXNlcjp3b3Jk"));
}

TEST_CASE("proxies of the environment count, but for what NO_PROXY names, and for loopback") {
  Setup setup;
  const TestProxy proxy(setup.server.port());
  const auto address = "http://127.0.0.1:" + std::to_string(proxy.port());
  const auto uses_proxy = [&](const std::string& host, const std::string& except) {
    const Environment environment{{"HTTPS_PROXY", address}, {"NO_PROXY", except}};
    const auto before = proxy.asked().size();
    CHECK(setup.get(host) == "ok");
    return proxy.asked().size() > before;
  };
  CHECK(uses_proxy("0.0.0.0", ""));
  CHECK(uses_proxy("0.0.0.0", "10.0.0.0/8,192.168.0.0/16"));
  CHECK_FALSE(uses_proxy("0.0.0.0", "10.0.0.0/8,0.0.0.0/8"));
  CHECK_FALSE(uses_proxy("0.0.0.0", "0.0.0.0"));
  CHECK(uses_proxy("far.example", "example.org,near.example"));
  CHECK_FALSE(uses_proxy("127.0.0.1", ""));
}

TEST_CASE("a proxy that is wrong, absent or refuses means no request, with the reason") {
  Setup setup;
  const auto failure = [&] {
    try {
      setup.get("far.example");
    } catch (const net::TransportError& error) {
      CHECK(setup.server.received().empty());
      return std::string(error.what());
    }
    return std::string();
  };
  setup.connection.proxy = "http://user:canary-4b@127.0.0.1:" + std::to_string(test::closed_port());
  CHECK_THAT(failure(), Catch::Contains("127.0.0.1") && !Catch::Contains("canary-4b"));
  {
    ProxyOptions options;
    options.refuses = true;
    const TestProxy proxy(setup.server.port(), options);
    setup.connection.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
    CHECK_THAT(failure(), Catch::Contains("403"));
  }
  ProxyOptions by_tls{ProxyOptions::Kind::connect_by_tls, setup.made};
  const TestProxy proxy(setup.server.port(), by_tls);
  setup.connection.proxy = "https://127.0.0.2:" + std::to_string(proxy.port());
  CHECK_FALSE(failure().empty());
  test::CertificateWish stranger;
  stranger.self_signed = true;
  setup.connection.ca = test::make_certificates(stranger).certificate;
  setup.connection.proxy = "https://127.0.0.1:" + std::to_string(proxy.port());
  CHECK_THAT(failure(), Catch::Contains("certificate"));
}
