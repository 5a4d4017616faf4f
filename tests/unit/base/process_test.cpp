#include "base/process.h"

#include <signal.h>

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace lotse::base;

TEST_CASE("exit codes and signals come back") {
  CHECK(Process::start({{"sh", "-c", "exit 7"}}).wait().code == 7);
  auto sleeper = Process::start({{"sleep", "30"}});
  CHECK_FALSE(sleeper.poll());
  sleeper.send(SIGTERM);
  const auto ended = sleeper.wait();
  CHECK(ended.signal == SIGTERM);
  CHECK(ended.code == 128 + SIGTERM);
}

TEST_CASE("the environment is the given one") {
  Command command{{"/bin/sh", "-c", "test \"$A\" = 1 && test -z \"$HOME\""}};
  command.environment = {{"A", "1"}};
  CHECK(Process::start(command).wait().code == 0);
}

TEST_CASE("a program that is not there is named") {
  CHECK_THROWS_WITH(Process::start({{"no-such-program"}}), Catch::Contains("no-such-program"));
}
