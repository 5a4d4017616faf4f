// docs/promises.md A4 P4: proxies, as Go's net/http understands them.
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "net/curl_transport.h"
#include "net/environment_proxy.h"
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

TEST_CASE("NO_PROXY: names, addresses and networks, some with a port") {
  const auto [except, url, direct] = GENERATE(table<std::string, std::string, bool>({
      {"*", "https://far.example", true},
      {"near.example, far.example", "https://far.example:6443/api", true},
      {"FAR.example", "https://far.Example", true},
      {"far.example", "https://a.far.example", true},
      {"far.example", "https://afar.example", false},
      {".far.example", "https://a.far.example", true},
      {".far.example", "https://far.example", false},
      {"*.far.example", "https://a.b.far.example", true},
      {"*.far.example", "https://far.example", false},
      {"far.example:6443", "https://far.example:6443", true},
      {"far.example:443", "https://far.example", true},
      {"far.example:80", "https://far.example", false},
      {".far.example:443", "https://a.far.example", true},
      {":443,", "https://far.example", false},
      {"10.1.2.3", "https://10.1.2.3:6443", true},
      {"10.1.2.3:6443", "https://10.1.2.3:6443", true},
      {"10.1.2.3:6443", "https://10.1.2.3", false},
      {"10.1.2", "https://10.1.2.3", false},
      {"3", "https://10.1.2.3", false},
      {"10.0.0.0/8", "https://10.1.2.3", true},
      {"10.1.2.0/23", "https://10.1.3.9", true},
      {"10.1.2.0/23", "https://10.1.4.0", false},
      {"0.0.0.0/0", "https://10.1.2.3", true},
      {"10.0.0.0/33", "https://10.0.0.0", false},
      {"10.0.0.0/8", "https://[fd00::1]", false},
      {"fd00::/8", "https://[fd00::1]:6443", true},
      {"fd00::1", "https://[fd00::1]:6443", true},
      {"[fd00::1]:6443", "https://[fd00::1]:6443", true},
      {"[fd00::1]:6443", "https://[fd00::1]", false},
      {"::/0", "https://10.1.2.3", false},
      {"", "https://[::1]:6443", true},
      {"", "https://localhost", true},
      {"", "https://127.8.9.1", true},
      {"", "https://localhost.example", false},
  }));
  CAPTURE(except, url);
  const Environment environment{{"HTTPS_PROXY", "http://proxy"}, {"NO_PROXY", except}};
  CHECK(net::proxy_of_environment(url) == (direct ? "" : "http://proxy"));
}

TEST_CASE("the proxy of the URL's scheme counts; its name in upper case takes precedence") {
  const Environment environment{{"http_proxy", "http://plain"},
                                {"https_proxy", "http://lower"},
                                {"ALL_PROXY", "http://all"},
                                {"NO_PROXY", "other.example"},
                                {"no_proxy", "far.example"}};
  CHECK(net::proxy_of_environment("http://far.example") == "http://plain");
  CHECK(net::proxy_of_environment("https://far.example") == "http://lower");
  const Environment upper{{"HTTPS_PROXY", "http://upper"}};
  CHECK(net::proxy_of_environment("https://far.example") == "http://upper");
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
