// Credentials of plug-ins that are kept from one run of the program to the next.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "unit/identity/plugin.h"

using namespace lotse;
using test::Plugin;

namespace {

/// Another program: nothing but the folder is shared.
identity::ExecCredential get(const Plugin& plugin) {
  return identity::ExecSource(plugin.settings).get();
}

std::filesystem::path only_file(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  REQUIRE(files.size() == 1);
  return files[0];
}

}  // namespace

TEST_CASE("a kept credential spares the next program the plug-in, until a minute before its end") {
  Plugin plugin;
  plugin.settings.exec_options.cache = plugin.path("cache/deep");
  plugin.gives_token("first", std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) CHECK(get(plugin).token == "first");
  CHECK(plugin.runs() == 1);
  struct stat found = {};
  const auto folder = plugin.path("cache/deep");
  REQUIRE(::stat(only_file(folder).c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  REQUIRE(::stat(folder.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
  *plugin.now += std::chrono::minutes(58);
  CHECK(get(plugin).token == "first");
  *plugin.now += std::chrono::seconds(70);
  plugin.gives_token("second", std::chrono::hours(1));
  CHECK(get(plugin).token == "second");
  CHECK(plugin.runs() == 2);
}

TEST_CASE("nothing is kept without an expiry, or with the cache off") {
  Plugin plugin;
  plugin.gives_token("t", std::chrono::hours(1));
  get(plugin);
  get(plugin);
  CHECK(plugin.runs() == 2);
  plugin.settings.exec_options.cache = plugin.path("cache");
  plugin.gives({{"token", "t"}});
  get(plugin);
  get(plugin);
  CHECK(plugin.runs() == 4);
}

TEST_CASE("a kept credential that was refused is not used again") {
  Plugin plugin;
  plugin.settings.exec_options.cache = plugin.path("cache");
  plugin.gives_token("first", std::chrono::hours(1));
  identity::ExecSource source(plugin.settings);
  const auto first = source.get();
  plugin.gives_token("second", std::chrono::hours(1));
  CHECK(source.renew(first).token == "second");
  CHECK(get(plugin).token == "second");
  CHECK(plugin.runs() == 2);
  // Another program that still has the first takes what this one has kept.
  identity::ExecSource other(plugin.settings);
  CHECK(other.renew(first).token == "second");
  CHECK(plugin.runs() == 2);
}

TEST_CASE("what a credential depends on keeps it apart") {
  Plugin plugin;
  const auto key = identity::exec_cache_key(plugin.settings);
  CHECK(key.size() == 64);
  const auto differs = [&](const std::function<void(identity::Settings&)>& change) {
    auto other = plugin.settings;
    change(other);
    return identity::exec_cache_key(other) != key;
  };
  CHECK(differs([](identity::Settings& s) { s.server = "https://other"; }));
  CHECK(differs([](identity::Settings& s) { s.ca = "other"; }));
  CHECK(differs([](identity::Settings& s) { s.exec_cluster_config = {{"a", 1}}; }));
  CHECK(differs([](identity::Settings& s) { s.exec->command = "other"; }));
  CHECK(differs([](identity::Settings& s) { s.exec->arguments = {"other"}; }));
  CHECK(differs([](identity::Settings& s) { s.exec->environment = {{"A", "b"}}; }));
  CHECK(differs([](identity::Settings& s) { s.exec->api_version = test::v1beta1; }));
  CHECK(
      differs([](identity::Settings& s) { s.exec_options.environment["AWS_PROFILE"] = "other"; }));
  CHECK_FALSE(differs([](identity::Settings& s) { s.exec_options.environment["PWD"] = "/other"; }));
  CHECK_FALSE(differs([](identity::Settings& s) { s.exec_options.environment["SHLVL"] = "9"; }));
  CHECK_FALSE(differs([](identity::Settings& s) { s.name_space = "other"; }));
}

TEST_CASE("a kept file that is broken, old or open to others is not used") {
  Plugin plugin;
  plugin.settings.exec_options.cache = plugin.path("cache");
  plugin.gives_token("t", std::chrono::hours(1));
  get(plugin);
  const auto file = only_file(plugin.path("cache"));
  const auto text = base::read_file(file);
  const auto kept = GENERATE(0, 1, 2, 3, 4);
  if (kept == 0) base::write_file_atomic(file, "{", 0600);
  if (kept == 1) base::write_file_atomic(file, R"({"token":"t"})", 0600);
  if (kept == 2) base::write_file_atomic(file, text, 0644);
  if (kept == 3) {
    std::filesystem::rename(file, plugin.path("elsewhere"));
    std::filesystem::create_symlink(plugin.path("elsewhere"), file);
  }
  if (kept == 4) base::write_file_atomic(file, "null", 0600);
  CHECK(get(plugin).token == "t");
  CHECK(plugin.runs() == 2);
}

TEST_CASE("a folder that cannot be made means no cache, not a failure") {
  Plugin plugin;
  plugin.write("file", "");
  plugin.settings.exec_options.cache = plugin.path("file") / "cache";
  plugin.gives_token("t", std::chrono::hours(1));
  CHECK(get(plugin).token == "t");
}

TEST_CASE("programs that start together on a cold cache run the plug-in once") {
  Plugin plugin("echo >>runs\nsleep 0.3\ncat output\n");
  plugin.settings.exec_options.cache = plugin.path("cache");
  plugin.gives_token("t", std::chrono::hours(1));
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(get(plugin).token == "t" ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(plugin.runs() == 1);
}

TEST_CASE("waiting for another program's plug-in has an end") {
  Plugin plugin;
  plugin.settings.exec_options.cache = plugin.path("cache");
  plugin.settings.exec_options.timeout = std::chrono::milliseconds(100);
  const identity::ExecCache cache(plugin.path("cache"), identity::exec_cache_key(plugin.settings));
  const auto held = cache.lock(std::chrono::seconds(1));
  CHECK_THROWS_WITH(get(plugin), Catch::Contains("another lotse"));
}
