// docs/promises.md A5: kubeconfig as client-go's loader reads it.
#include "identity/config.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "crypto/base64.h"
#include "support/certificates.h"

using namespace lotse;
using identity::LoadOptions;

namespace {

struct Files {
  base::TemporaryFolder folder;
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder.path() / name;
    std::filesystem::create_directories(path.parent_path());
    base::write_file_atomic(path, text);
    return path.string();
  }
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
};

LoadOptions listed(const std::string& list) {
  LoadOptions options;
  options.environment["KUBECONFIG"] = list;
  return options;
}

LoadOptions explicitly(const std::string& path) {
  LoadOptions options;
  options.explicit_path = path;
  return options;
}

std::string config(const std::string& cluster, const std::string& user,
                   const std::string& context = "") {
  return "current-context: c\nclusters: [{name: k, cluster: {" + cluster +
         "}}]\nusers: [{name: u, user: {" + user +
         "}}]\ncontexts: [{name: c, context: {cluster: k, user: u" + context + "}}]\n";
}

identity::Settings settings_of(const std::string& text) {
  const Files files;
  const auto options = explicitly(files.write("config", text));
  return identity::resolve(identity::load_config(options), options, "");
}

std::string problem_of(const std::string& text) {
  try {
    settings_of(text);
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    return error.what();
  }
  return "";
}

/// A JSON Web Token whose claims say when it expires.
std::string id_token(const std::string& expiry) {
  return "e30." + crypto::base64_encode("{\"sub\":\"anna\",\"exp\":" + expiry + "}") + ".c2ln";
}

std::string oidc(const std::string& token) {
  return "auth-provider: {name: oidc, config: {id-token: '" + token + "'}}";
}

/// A user with a certificate (which one does not matter here) and this key.
std::string user_with_key(const std::string& key) {
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
  return "client-certificate-data: " + crypto::base64_encode(certificate) +
         ", client-key-data: " + crypto::base64_encode(key);
}

}  // namespace

TEST_CASE("the id-token of oidc is sent, as client-go does, until it expires") {
  const std::string x = "server: 'https://x'";
  const auto token = id_token("4102444800");
  CHECK(settings_of(config(x, oidc(token))).token == token);
  CHECK(settings_of(config(x, "token: other, " + oidc(token))).token == "other");
}

TEST_CASE("a kubeconfig that was asked for names the cluster, or nothing runs") {
  const Files files;
  const auto current = [](const LoadOptions& options) {
    return identity::current_context(identity::load_config(options), options);
  };
  const auto good = config("server: 'https://x'", "");
  CHECK(current(explicitly(files.write("good", good))) == "c");
  CHECK(current(listed(files.path("missing") + ":" + files.path("good"))) == "c");
  const auto gone = "current-context: gone\n" + good.substr(good.find('\n') + 1);
  CHECK_THROWS_WITH(current(explicitly(files.write("gone", gone))),
                    Catch::Contains(files.path("gone")) && Catch::Contains("'gone'") &&
                        Catch::Contains("--on takes one of c"));
  CHECK_THROWS_WITH(current(explicitly(files.write("empty", ""))),
                    Catch::Contains("sets no current-context"));
  CHECK_THROWS_WITH(current(listed(files.path("missing"))), Catch::Contains("KUBECONFIG"));

  LoadOptions nobody_asked;
  nobody_asked.environment["HOME"] = files.folder.path().string();
  CHECK_FALSE(current(nobody_asked));
  files.write(".kube/config", "contexts: []\n");
  CHECK_FALSE(current(nobody_asked));
  files.write(".kube/config", gone);
  CHECK_THROWS_WITH(current(nobody_asked), Catch::Contains("'gone'"));
}

TEST_CASE("of several files the first that has an entry gives all of it") {
  const Files files;
  const auto one = files.write("one", R"(
users: [{name: red, user: {token: red-token}}]
contexts: [{name: a, context: {cluster: x, user: red, namespace: one}}]
)");
  const auto two = files.write("two", R"(
current-context: b
users: [{name: red, user: {username: leaks, password: in}}, {name: blue, user: {token: t}}]
contexts: [{name: a, context: {cluster: z}}, {name: b, context: {cluster: z, user: blue}}]
clusters: [{name: x, cluster: {server: 'https://x'}}, {name: z, cluster: {server: 'https://z'}}]
)");
  const auto three = files.write("three", "current-context: a\n");
  const auto options =
      listed(files.path("missing") + ":" + one + "::" + two + ":" + one + ":" + three);
  const auto merged = identity::load_config(options);
  CHECK(merged.current_context == "b");
  CHECK(merged.files == std::vector<std::string>{one, two, three});
  CHECK(merged.users.at("red") == identity::json{{"token", "red-token"}});
  CHECK(merged.contexts.at("a").at("cluster") == "x");
  const auto settings = identity::resolve(merged, options, "a");
  CHECK(settings.server == "https://x");
  CHECK(settings.token == "red-token");
  CHECK(settings.username.empty());
  CHECK(settings.name_space == "one");
  CHECK(identity::resolve(merged, options, "").name_space == "default");
  CHECK(identity::resolve(merged, options, "a", "other").name_space == "other");
}

TEST_CASE("an explicit file stands alone and must be there; otherwise none need be") {
  const Files files;
  const auto one = files.write("one", "current-context: one\n");
  auto options = listed(one);
  options.explicit_path = files.write("two", "current-context: two\n");
  CHECK(identity::load_config(options).current_context == "two");
  options.explicit_path = files.path("missing");
  CHECK_THROWS_WITH(identity::load_config(options), Catch::Contains("missing"));
  CHECK(identity::load_config(listed(files.path("missing"))).files.empty());
  LoadOptions home;
  CHECK(identity::load_config(home).files.empty());
  files.write(".kube/config", "current-context: home\n");
  home.environment["HOME"] = files.folder.path();
  CHECK(identity::load_config(home).current_context == "home");
}

TEST_CASE("the mistakes of all files are told at once, with their places") {
  const Files files;
  const auto one = files.write("one", "clusters: [\n");
  const auto two = files.write("two", "clusters: []\nusers: 5\n");
  const auto three = files.write("three", "contexts:\n- name: [x]\n");
  try {
    identity::load_config(listed(one + ":" + two + ":" + three));
    FAIL("went on");
  } catch (const base::Error& error) {
    CHECK(error.diagnostics().size() == 3);
    CHECK_THAT(error.what(), Catch::Contains(one + ":") && Catch::Contains(two + ":2:") &&
                                 Catch::Contains(three + ":2:"));
  }
}

TEST_CASE("a name that one file has twice is a mistake") {
  const Files files;
  for (const std::string list : {"clusters", "users", "contexts"}) {
    const auto path = files.write("twice", list + ":\n- name: red\n- name: blue\n- name: red\n");
    CHECK_THROWS_WITH(identity::load_config(explicitly(path)),
                      Catch::Contains(path + ":4:") && Catch::Contains("'red' twice"));
  }
  const auto path =
      files.write("twice", "extensions:\n- {name: e, extension: 1}\n- {name: e, extension: 2}\n");
  CHECK_THROWS_WITH(identity::load_config(explicitly(path)), Catch::Contains(path + ":3:"));
}

TEST_CASE("what a kubeconfig says is kept in the form in which kubectl prints it") {
  const Files files;
  const auto one = files.write("one", R"(
apiVersion: v1
kind: Config
preferences: {colors: true, extensions: [{name: z, extension: 1}]}
extensions: [{name: e, extension: {b: [1]}}, {name: d}]
clusters: [{name: k, cluster: {unknown: 1, certificate-authority: pki/ca.pem}}, {name: a}]
users:
- name: u
  user:
    as-groups: []
    exec: {command: ./x, apiVersion: client.authentication.k8s.io/v1beta1, env: [{name: A}]}
)");
  const auto two = files.write("two", R"(
preferences: {colors: false, extensions: [{name: z, extension: 2}, {name: b}]}
extensions: [{name: e, extension: 2}]
current-context: c
)");
  CHECK(identity::to_json(identity::load_config(listed(one + ":" + two))) ==
        identity::json::parse(R"({
    "kind": "Config", "apiVersion": "v1", "current-context": "c", "contexts": null,
    "preferences": {"colors": true, "extensions": [{"name": "b", "extension": null},
                                                   {"name": "z", "extension": 1}]},
    "extensions": [{"name": "d", "extension": null}, {"name": "e", "extension": {"b": [1]}}],
    "clusters": [{"name": "a", "cluster": {"server": ""}},
                 {"name": "k", "cluster": {"server": "", "certificate-authority": "pki/ca.pem"}}],
    "users": [{"name": "u", "user": {"exec": {
      "command": "./x", "args": null, "env": [{"name": "A", "value": ""}],
      "apiVersion": "client.authentication.k8s.io/v1beta1", "provideClusterInfo": false,
      "interactiveMode": "IfAvailable"}}}]})"));
}

TEST_CASE("the value of a field of the wrong type is not shown") {
  const auto problem = problem_of(config("server: 'https://x'", "password: [canary-9f]"));
  CHECK_THAT(problem, Catch::Contains("password") && !Catch::Contains("canary-9f"));
}

TEST_CASE(
    "relative paths belong to the file that they stand in; data takes precedence over files") {
  const Files files;
  const auto good = test::make_certificates({});
  files.write("sub/pki/ca.pem", good.authority);
  files.write("sub/pki/cert.pem", good.certificate);
  files.write("sub/pki/key.pem", good.key);
  const auto path = files.write(
      "sub/config",
      config("server: 'https://x:1/', certificate-authority: pki/ca.pem",
             "client-certificate: pki/nowhere, client-certificate-data: " +
                 crypto::base64_encode(good.certificate) + ", client-key: pki/key.pem"));
  const auto options = listed(path);
  const auto settings = identity::resolve(identity::load_config(options), options, "");
  CHECK(settings.server == "https://x:1");
  CHECK(settings.ca == good.authority);
  CHECK(settings.certificate == good.certificate);
  CHECK(settings.key == good.key);
  CHECK(settings.ca_file == files.path("sub/pki/ca.pem"));
  CHECK(settings.certificate_file.empty());
  CHECK(settings.key_file == files.path("sub/pki/key.pem"));
}

TEST_CASE("data takes precedence over files for authorities and keys as well") {
  const auto good = test::make_certificates({});
  const auto base64 = [](const std::string& text) { return crypto::base64_encode(text); };
  const auto settings = settings_of(
      config("server: 'https://x', certificate-authority: /nowhere, certificate-authority-data: " +
                 base64(good.authority),
             "client-certificate-data: " + base64(good.certificate) +
                 ", client-key: /nowhere, client-key-data: " + base64(good.key)));
  CHECK(settings.ca == good.authority);
  CHECK(settings.key == good.key);
}

TEST_CASE("a plug-in named with a slash lies beside the kubeconfig; its settings are read") {
  const Files files;
  const auto read = [&](const std::string& command) {
    const auto path = files.write(
        "sub/config",
        config("server: 'https://x', extensions: [{name: client.authentication.k8s.io/exec, "
               "extension: {a: 1}}]",
               "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, args: "
               "[x], env: [{name: A, value: b}], provideClusterInfo: true, installHint: hint, "
               "command: " +
                   command + "}"));
    const auto options = explicitly(path);
    return identity::resolve(identity::load_config(options), options, "");
  };
  CHECK(read("aws").exec->command == "aws");
  CHECK(read("/bin/aws").exec->command == "/bin/aws");
  CHECK(read("./aws").exec->command == files.path("sub/aws"));
  const auto settings = read("../bin/aws");
  CHECK(settings.exec->command == files.path("bin/aws"));
  CHECK(settings.exec->arguments == std::vector<std::string>{"x"});
  CHECK(settings.exec->environment.at(0).second == "b");
  CHECK(settings.exec->provide_cluster_info);
  CHECK(settings.exec->interactive == identity::ExecConfig::Interactive::always);
  CHECK(settings.exec_cluster_config == identity::json{{"a", 1}});
}

TEST_CASE("all that a cluster and a user can say") {
  const auto settings = settings_of(config(
      "server: 'https://x', insecure-skip-tls-verify: true, tls-server-name: name, proxy-url: "
      "'http://proxy:1'",
      "tokenFile: token, as: anna, as-uid: '7', as-groups: [g, h], as-user-extra: {k: [v, w]}"));
  CHECK(settings.insecure);
  CHECK(settings.server_name == "name");
  CHECK(settings.proxy == "http://proxy:1");
  CHECK(settings.token_file.is_absolute());
  CHECK(settings.impersonate == "anna");
  CHECK(settings.impersonate_uid == "7");
  CHECK(settings.impersonate_groups == std::vector<std::string>{"g", "h"});
  CHECK(settings.impersonate_extra.at("k") == std::vector<std::string>{"v", "w"});
}

TEST_CASE("what contradicts itself or is missing is refused, by the field's name") {
  const std::string x = "server: 'https://x'";
  const auto good = test::make_certificates({});
  const auto ca = crypto::base64_encode(good.authority);
  const std::pair<std::string, std::string> table[] = {
      {config("", ""), "server"},
      {config("server: 'ftp://x'", ""), "server"},
      {config(x + ", certificate-authority: /nowhere", ""), "certificate-authority"},
      {config(x + ", certificate-authority-data: '!'", ""), "certificate-authority-data"},
      {config(x + ", certificate-authority-data: YWJj", ""), "holds no PEM certificate"},
      {config(x + ", insecure-skip-tls-verify: true, certificate-authority-data: " + ca, ""),
       "insecure-skip-tls-verify"},
      {config(x, "token: a, username: b"), "token"},
      {config(x, "client-certificate-data: " + ca), "client-key"},
      {config(x, "token: {a: b}"), "token"},
      {config(x, "auth-provider: {name: gcp}"), "auth-provider: 'gcp' was removed"},
      {config(x, "auth-provider: {name: oidc}"), "holds no id-token"},
      {config(x, "auth-provider: {name: oidc, config: {id-token: a.b}}"), "no JWT"},
      {config(x, oidc(id_token("1700000000"))), "the id-token has expired"},
      {config(x, user_with_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n"
                               "-----END ENCRYPTED PRIVATE KEY-----\n")),
       "client-key: is encrypted"},
      {config(x, user_with_key("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                               "DEK-Info: AES-256-CBC,00\n\nMII=\n"
                               "-----END RSA PRIVATE KEY-----\n")),
       "client-key: is encrypted"},
      {config(x, "as-groups: [g]"), "as-groups"},
      {config(x, "as-uid: u"), "as-uid"},
      {config(x, "as-user-extra: {a: [b]}"), "as-user-extra"},
      {config(x + ", proxy-url: 'ftp://x'", ""), "proxy-url"},
      {config(x, "exec: {}"), "exec.command"},
      {config(x, "exec: {command: x, apiVersion: client.authentication.k8s.io/v1}"),
       "exec.interactiveMode"},
      {"kind: Pod\n", "is no kubeconfig"},
      {"apiVersion: v2\n", "is no kubeconfig"},
      {"current-context: c\ncontexts: [{name: c, context: {cluster: gone}}]\n", "'gone'"},
  };
  for (const auto& [text, field] : table) {
    CAPTURE(text);
    CHECK_THAT(problem_of(text), Catch::Contains(field));
  }
}

TEST_CASE("an unknown context is not found, with the closest name") {
  const Files files;
  const auto options = explicitly(files.write("config", config("server: 'https://x'", "")));
  const auto read = identity::load_config(options);
  CHECK_THROWS_WITH(identity::resolve(read, options, "x"), Catch::Contains("'x'"));
  CHECK_THROWS_WITH(identity::resolve({}, {}, ""), Catch::Contains("no context"));
}

TEST_CASE("in a pod without a kubeconfig the service account is taken") {
  const Files files;
  files.write("token", "pod-token\n");
  files.write("ca.crt", "CA");
  files.write("namespace", "team\n");
  LoadOptions options;
  options.service_account = files.folder.path();
  CHECK_FALSE(identity::in_cluster(options).has_value());
  options.environment = {{"KUBERNETES_SERVICE_HOST", "fd00::1"},
                         {"KUBERNETES_SERVICE_PORT", "443"}};
  auto settings = identity::resolve(identity::load_config(options), options, "");
  CHECK(settings.server == "https://[fd00::1]:443");
  CHECK(settings.name_space == "team");
  CHECK(settings.ca == "CA");
  CHECK(settings.ca_file == files.path("ca.crt"));
  CHECK(identity::resolve({}, options, "in-cluster").server == settings.server);
  options.environment.clear();
  CHECK_THROWS_WITH(identity::resolve({}, options, "in-cluster"), Catch::Contains("no pod"));
  CHECK(settings.token_file == files.path("token"));
}
