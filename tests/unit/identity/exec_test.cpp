// docs/promises.md A3: credential plug-ins. client_go_exec.md maps client-go's scenarios to these.
#include <signal.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/interrupt.h"
#include "crypto/base64.h"
#include "support/certificates.h"
#include "support/error_from.h"
#include "unit/identity/plugin.h"

using namespace lotse;
using identity::ExecConfig;
using identity::ExecPolicy;
using identity::json;
using test::error_from;
using test::Plugin;
using Steady = std::chrono::steady_clock;

namespace {

json valid(const std::string& version = test::v1) {
  return {{"kind", "ExecCredential"}, {"apiVersion", version}, {"status", {{"token", "foo"}}}};
}

ExecConfig config_of(const std::string& version) {
  ExecConfig config;
  config.command = "plugin";
  config.api_version = version;
  return config;
}

std::string problem_of(const json& exec) {
  base::Diagnostics problems;
  identity::read_exec(exec, "users: u", problems);
  std::string all;
  for (const auto& each : problems) all += base::to_string(each) + "\n";
  return all;
}

}  // namespace

TEST_CASE("a plug-in's token is taken, with its arguments and environment") {
  const std::string version = GENERATE(test::v1, test::v1beta1);
  Plugin plugin(
      "echo >>runs\nprintf %s \"$KUBERNETES_EXEC_INFO\" >info\n"
      "echo \"$1 $2 $VARIABLE\" >told\ncat output\n");
  auto& exec = *plugin.settings.exec;
  exec.api_version = version;
  exec.arguments = {"one", "two words"};
  exec.environment = {{"VARIABLE", "overwritten"}, {"VARIABLE", "set"}};
  plugin.gives({{"token", "foo-bar"}});
  const auto credential = identity::run_exec_plugin(plugin.settings);
  CHECK(credential.token == "foo-bar");
  CHECK(credential.certificate.empty());
  CHECK_FALSE(credential.expires.has_value());
  CHECK(base::read_file(plugin.path("told")) == "one two words set\n");
  CHECK(plugin.info() == json{{"kind", "ExecCredential"},
                              {"apiVersion", version},
                              {"spec", {{"interactive", false}}}});
}

TEST_CASE("a plug-in's certificate and key are taken, and must belong together") {
  Plugin plugin;
  const auto good = test::make_certificates({});
  plugin.gives({{"clientCertificateData", good.certificate}, {"clientKeyData", good.key}});
  const auto credential = identity::run_exec_plugin(plugin.settings);
  CHECK(credential.certificate == good.certificate);
  CHECK(credential.key == good.key);
  CHECK(credential.token.empty());
  const auto other = test::make_certificates({}).key;
  for (const std::string& key : {std::string("foo"), other, std::string()}) {
    plugin.gives({{"clientCertificateData", good.certificate}, {"clientKeyData", key}});
    const auto error = error_from([&] { identity::run_exec_plugin(plugin.settings); });
    CHECK(error.kind() == base::ErrorKind::invalid);
    CHECK_THAT(error.what(), Catch::Contains("certificate") && !Catch::Contains("BEGIN"));
  }
}

TEST_CASE("may a plug-in ask the user?") {
  using Mode = ExecConfig::Interactive;
  struct Row {
    Mode mode;
    bool terminal, free;
    std::string outcome;  // of the plug-in, or what the error says
  };
  const auto row = GENERATE(values<Row>({{Mode::never, true, true, "no"},
                                         {Mode::never, true, false, "no"},
                                         {Mode::if_available, false, true, "no"},
                                         {Mode::if_available, false, false, "no"},
                                         {Mode::if_available, true, true, "yes"},
                                         {Mode::if_available, true, false, "no"},
                                         {Mode::always, false, true, "no terminal"},
                                         {Mode::always, true, false, "taken"},
                                         {Mode::always, true, true, "yes"}}));
  Plugin plugin;
  plugin.settings.exec->interactive = row.mode;
  plugin.settings.exec_options.is_terminal = [&] { return row.terminal; };
  plugin.settings.exec_options.may_read_terminal = row.free;
  plugin.gives({{"token", "t"}});
  if (row.outcome == "yes" || row.outcome == "no") {
    identity::run_exec_plugin(plugin.settings);
    CHECK(plugin.info()["spec"]["interactive"] == (row.outcome == "yes"));
  } else {
    const auto error = error_from([&] { identity::run_exec_plugin(plugin.settings); });
    CHECK_THAT(error.what(), Catch::Contains(row.outcome));
    CHECK(plugin.runs() == 0);
  }
}

TEST_CASE("a plug-in that may not ask gets an empty standard input") {
  Plugin plugin("cat >got\ncat output\n");
  plugin.gives({{"token", "t"}});
  identity::run_exec_plugin(plugin.settings);
  CHECK(base::read_file(plugin.path("got")).empty());
}

TEST_CASE("when a credential expires is read as RFC 3339 writes it") {
  const auto at = [](const std::string& time) {
    auto printed = valid();
    printed["status"]["expirationTimestamp"] = time;
    const auto expires =
        identity::parse_exec_credential(printed.dump(), config_of(test::v1)).expires.value();
    return std::chrono::system_clock::to_time_t(expires);
  };
  CHECK(at("2006-01-02T15:04:05Z") == 1136214245);
  CHECK(at("2006-01-02T15:04:05.999999999Z") == 1136214245);
  CHECK(at("2006-01-02T22:04:05+07:00") == 1136214245);
  CHECK(at("2006-01-02T14:34:05-00:30") == 1136214245);
  for (const auto* wrong :
       {"tomorrow", "2006-01-02", "2006-01-02T15:04:05", "2006-01-02T15:04:05+7"})
    CHECK_THROWS_WITH(at(wrong), Catch::Contains("expirationTimestamp"));
}

TEST_CASE("what a plug-in prints wrongly is refused, by what is wrong") {
  const auto changed = [](const json& patch) {
    auto printed = valid(test::v1beta1);
    printed.merge_patch(patch);
    return printed.dump();
  };
  const std::pair<std::string, std::string> table[] = {
      {"", "no ExecCredential"},
      {"canary-5a{", "no ExecCredential"},
      {"[]", "no ExecCredential"},
      {changed({{"kind", "Status"}}), "no ExecCredential"},
      {changed({{"apiVersion", nullptr}}), "another version"},
      {changed({{"apiVersion", test::v1}}), "another version"},
      {changed({{"status", nullptr}}), "no status"},
      {changed({{"status", {{"token", nullptr}}}}), "neither a token"},
      {changed({{"status", {{"token", 5}}}}), "token that is no text"},
      {changed({{"status", {{"token", "canary-5a\r\nX: y"}}}}), "control characters"},
      {changed({{"status", {{"clientCertificateData", "canary-5a"}}}}), "only one of"},
      {changed({{"status", {{"clientKeyData", "canary-5a"}}}}), "only one of"},
  };
  for (const auto& [output, message] : table) {
    CAPTURE(output);
    const auto error =
        error_from([&] { identity::parse_exec_credential(output, config_of(test::v1beta1)); });
    CHECK(error.kind() == base::ErrorKind::invalid);
    CHECK_THAT(error.what(), Catch::Contains(message) && !Catch::Contains("canary"));
  }
  CHECK(identity::parse_exec_credential("kind: ExecCredential\napiVersion: " +
                                            std::string(test::v1) + "\nstatus: {token: yaml}\n",
                                        config_of(test::v1))
            .token == "yaml");
}

TEST_CASE("a plug-in that is not there is named, with its install hint") {
  Plugin plugin;
  plugin.settings.exec->command = GENERATE("does not exist", "/does/not/exist");
  plugin.settings.exec->install_hint = "get it at example.org";
  const auto error = error_from([&] { identity::run_exec_plugin(plugin.settings); });
  CHECK(error.kind() == base::ErrorKind::invalid);
  CHECK_THAT(error.what(),
             Catch::Contains(plugin.settings.exec->command) && Catch::Contains("not found"));
  CHECK(error.hint() == "get it at example.org");
}

TEST_CASE("an install hint cannot steer the terminal") {
  base::Diagnostics problems;
  const auto config = identity::read_exec({{"command", "x"},
                                           {"args", nullptr},
                                           {"env", nullptr},
                                           {"apiVersion", test::v1},
                                           {"interactiveMode", "Never"},
                                           {"installHint", "a\x1b[1mb\tü\nc\x7f"}},
                                          "u", problems);
  CHECK(config.install_hint == "a[1mb\tü\nc");
  CHECK(problems.empty());
}

TEST_CASE("a plug-in that fails is told with its exit code") {
  Plugin plugin;
  plugin.settings.exec->environment = {{"CODE", "73"}};
  plugin.gives({{"token", "canary-5a"}});
  const auto error = error_from([&] { identity::run_exec_plugin(plugin.settings); });
  CHECK(error.kind() == base::ErrorKind::denied);
  CHECK_THAT(error.what(), Catch::Contains("exit code 73") && !Catch::Contains("canary"));
}

TEST_CASE("a plug-in is told of the cluster if it asks for it") {
  Plugin plugin;
  auto& settings = plugin.settings;
  settings.ca = "foo-ca";
  settings.server_name = "name";
  settings.insecure = true;
  settings.proxy = "http://proxy:1";
  settings.exec_cluster_config = {{"apiVersion", "group/v1"}, {"spec", {{"audience", "snorlax"}}}};
  plugin.gives({{"token", "t"}});
  identity::run_exec_plugin(settings);
  CHECK_FALSE(plugin.info()["spec"].contains("cluster"));
  settings.exec->provide_cluster_info = true;
  identity::run_exec_plugin(settings);
  CHECK(plugin.info()["spec"]["cluster"] ==
        json{{"server", "https://server:6443"},
             {"tls-server-name", "name"},
             {"insecure-skip-tls-verify", true},
             {"certificate-authority-data", crypto::base64_encode("foo-ca")},
             {"proxy-url", "http://proxy:1"},
             {"config", settings.exec_cluster_config}});
}

TEST_CASE("what an exec entry must say") {
  const json good = {{"command", "x"},
                     {"args", nullptr},
                     {"env", nullptr},
                     {"apiVersion", test::v1},
                     {"interactiveMode", "Never"}};
  CHECK(problem_of(good).empty());
  const auto with = [&](const json& patch) {
    auto exec = good;
    exec.merge_patch(patch);
    if (!exec.contains("args")) exec["args"] = nullptr;
    return problem_of(exec);
  };
  CHECK_THAT(with({{"command", ""}}), Catch::Contains("exec.command"));
  CHECK_THAT(with({{"apiVersion", ""}}), Catch::Contains("exec.apiVersion"));
  CHECK_THAT(with({{"apiVersion", "client.authentication.k8s.io/v1alpha1"}}),
             Catch::Contains("exec.apiVersion"));
  CHECK_THAT(with({{"interactiveMode", ""}}),
             Catch::Contains("interactiveMode is missing") || Catch::Contains("is missing: Never"));
  CHECK_THAT(with({{"interactiveMode", "Sometimes"}}), Catch::Contains("exec.interactiveMode"));
  CHECK_THAT(with({{"env", {{{"name", ""}, {"value", "v"}}}}}), Catch::Contains("exec.env"));
}

TEST_CASE("a policy says which plug-ins may run") {
  const base::TemporaryFolder folder;
  const auto file = (folder.path() / "aws").string();
  base::write_file_atomic(file, "#!/bin/sh\n", 0755);
  const std::string path = "relative:" + folder.path().string();
  const auto run = [&](const std::string& policy, const std::string& command) {
    return ExecPolicy::parse(policy).program(command, path, "");
  };
  for (const auto& command : {std::string("aws"), file}) {
    for (const auto& policy : {std::string("allow"), std::string("aws"), file, "gcloud, " + file})
      CHECK(run(policy, command) == file);
    for (const auto* policy : {"deny", "gcloud", "/usr/bin/aws"})
      CHECK_THROWS_WITH(run(policy, command), Catch::Contains("not allowed"));
  }
  // A name allows what is found for it, not every file of that name.
  const base::TemporaryFolder elsewhere;
  const auto impostor = (elsewhere.path() / "aws").string();
  base::write_file_atomic(impostor, "#!/bin/sh\n", 0755);
  CHECK_THROWS_WITH(run("aws", impostor), Catch::Contains("not allowed"));
  CHECK_THROWS_WITH(run("allow", "gone"), Catch::Contains("not found"));
  CHECK_THROWS_WITH(run("gone", "gone"), Catch::Contains("not found"));
  for (const auto* wrong : {"", "aws,", "./aws", "/usr/../bin/aws", "bin/aws"})
    CHECK_THROWS_WITH(ExecPolicy::parse(wrong), Catch::Contains("names no program"));
}

TEST_CASE("A3 P6: a plug-in that hangs is stopped, with what it started") {
  Plugin plugin("echo >>runs\nsleep 1000 & echo $! >child\nwait\n");
  plugin.settings.exec_options.timeout = std::chrono::milliseconds(4000);
  const auto error = error_from([&] { identity::run_exec_plugin(plugin.settings); });
  CHECK(error.kind() == base::ErrorKind::unreachable);
  CHECK_THAT(error.what(), Catch::Contains("did not end within"));
  CHECK(plugin.runs() == 1);
  if (::isatty(0) != 0) return;  // then it shares our terminal, and only itself is stopped
  const auto child = std::stoi(base::read_file(plugin.path("child")));
  const auto limit = Steady::now() + std::chrono::seconds(10);
  while (::kill(child, 0) == 0 && Steady::now() < limit)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(::kill(child, 0) != 0);
}

TEST_CASE("a plug-in that leaves a child behind with its output is not waited for") {
  Plugin plugin("cat output\nsleep 1000 &\necho $! >child\n");
  plugin.gives({{"token", "t"}});
  CHECK(identity::run_exec_plugin(plugin.settings).token == "t");
  ::kill(std::stoi(base::read_file(plugin.path("child"))), SIGKILL);
}

TEST_CASE("A3 P2: 32 that ask at once for a cold credential are one run") {
  Plugin plugin("echo >>runs\nsleep 0.2\ncat output\n");
  plugin.gives({{"token", "t"}});
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 32; ++i)
    threads.emplace_back(
        [&] { good += identity::ExecSource::shared(plugin.settings)->get().token == "t" ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  CHECK(good == 32);
  CHECK(plugin.runs() == 1);
}

TEST_CASE("A3 P3: a credential is used until it expires") {
  Plugin plugin;
  identity::ExecSource source(plugin.settings);
  plugin.gives_token("first", std::chrono::hours(1));
  for (int i = 0; i < 100; ++i) CHECK(source.get().token == "first");
  CHECK(plugin.runs() == 1);
  *plugin.now += std::chrono::hours(2);
  plugin.gives_token("second", std::chrono::hours(1));
  for (int i = 0; i < 100; ++i) CHECK(source.get().token == "second");
  CHECK(plugin.runs() == 2);
}

TEST_CASE("a refused credential is renewed once for all who were refused with it") {
  Plugin plugin;
  identity::ExecSource source(plugin.settings);
  plugin.gives({{"token", "first"}});
  const auto first = source.get();
  plugin.gives({{"token", "second"}});
  CHECK(source.renew(first).token == "second");
  CHECK(source.renew(first).token == "second");
  CHECK(source.get().token == "second");
  CHECK(plugin.runs() == 2);
}

TEST_CASE("a failed run leaves nothing; the next one counts") {
  Plugin plugin;
  identity::ExecSource source(plugin.settings);
  plugin.prints("");
  CHECK_THROWS(source.get());
  plugin.gives({{"token", "t"}});
  CHECK(source.get().token == "t");
}
