// Several ranks: within this process as threads, or as processes, which are this program started
// again with the hidden case "a rank of its own".
#include "runner/dist/group.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "contract/exit_code.h"
#include "runner/detect/learner.h"
#include "runner/detect/shapes.h"
#include "runner/dist/rounds.h"
#include "runner/nn/tensors.h"
#include "runner/train/train.h"

using namespace lotse;
using namespace lotse::runner;
using nlohmann::json;

namespace {

int64_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), length);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(fd);
  return ntohs(address.sin_port);
}

dist::Membership member(int64_t rank, int64_t size, int64_t port) {
  return {rank, size, "127.0.0.1", port, "127.0.0.1", std::chrono::seconds(60)};
}

/// Runs `body` as every rank of a group, each on a thread.
void as_ranks(int64_t size, const std::function<void(const dist::Membership&)>& body) {
  const auto port = free_port();
  std::vector<std::thread> threads;
  std::vector<std::string> failures(static_cast<size_t>(size));
  for (int64_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        body(member(rank, size, port));
      } catch (const std::exception& error) {
        failures[static_cast<size_t>(rank)] = error.what();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(failures == std::vector<std::string>(static_cast<size_t>(size)));
}

/// A quick run on a few small pictures: two epochs of three steps.
contract::TrainOptions quick(const std::filesystem::path& folder, const std::string& output) {
  const auto set = folder / "set";
  if (!std::filesystem::exists(set)) detect::write_shapes(set, 1, 12, 4, 64, {});
  contract::TrainOptions options;
  options.data = (set / "data.yaml").string();
  options.output = (folder / output).string();
  options.epochs = 2;
  options.batch = 4;
  options.nominal_batch = 4;
  options.imgsz = 64;
  options.optimizer = "sgd";
  options.warmup_epochs = 0;
  options.threads = 1;
  options.log_steps = true;
  return options;
}

task::Emit losses_into(std::vector<double>& losses) {
  return [&losses](const contract::Event& event) {
    if (event.type == "step") losses.push_back(event.fields.at("loss"));
  };
}

/// The largest difference between the tensors of two files.
double difference(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto left = nn::read_tensors(a).tensors, right = nn::read_tensors(b).tensors;
  REQUIRE(left.size() == right.size());
  double most = 0;
  for (const auto& [name, tensor] : left)
    most = std::max(most, (tensor.to(torch::kFloat64) - right.at(name).to(torch::kFloat64))
                              .abs()
                              .max()
                              .item<double>());
  return most;
}

/// An environment variable while it is in scope.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

base::Process start_rank(const contract::TrainOptions& options,
                         const std::map<std::string, std::string>& more) {
  base::Command command;
  command.arguments = {std::filesystem::read_symlink("/proc/self/exe").string(),
                       "a rank of its own"};
  command.environment = base::current_environment();
  for (const auto& [key, value] : more) command.environment[key] = value;
  command.environment["LOTSE_TEST_TRAIN"] = contract::options_to_json(options).dump();
  command.die_with_parent = true;
  return base::Process::start(command);
}

void wait_for(const std::filesystem::path& file) {
  for (int i = 0; i < 600 && !std::filesystem::exists(file); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  REQUIRE(std::filesystem::exists(file));
}

}  // namespace

TEST_CASE("a rank of its own", "[.]") {
  base::install_interrupt_handlers(base::Hangup::interrupts);
  const auto options = contract::options_from_json<contract::TrainOptions>(
      json::parse(std::getenv("LOTSE_TEST_TRAIN")), "");
  int code = 0;
  try {
    train::train(options, detect::make_learner, [&](const contract::Event& event) {
      if (event.type == "step") std::ofstream(options.output + "/stepped");
    });
  } catch (const base::Error& error) {
    std::cerr << error.what() << "\n";
    code = contract::exit_code(error.kind());
  }
  std::_Exit(code);
}

TEST_CASE("ranks: pods by processes of a pod") {
  const Variable rendezvous("LOTSE_RENDEZVOUS", "first.pair:29500");
  const auto of = [](const char* workers, const char* index, const char* processes,
                     const char* local) {
    const Variable a("LOTSE_WORKERS", workers), b("JOB_COMPLETION_INDEX", index),
        c("LOTSE_PROCESSES_PER_POD", processes), d("LOTSE_LOCAL_RANK", local);
    const auto found = dist::membership_from_environment();
    return std::pair{found.rank, found.world_size};
  };
  using Place = std::pair<int64_t, int64_t>;
  CHECK(of("", "", "", "") == Place{0, 1});
  CHECK(of("1", "0", "1", "") == Place{0, 1});
  CHECK(of("3", "2", "", "") == Place{2, 3});
  CHECK(of("", "", "2", "1") == Place{1, 2});
  CHECK(of("2", "1", "2", "0") == Place{2, 4});
  CHECK(of("2", "1", "2", "1") == Place{3, 4});
  CHECK_THROWS_WITH(of("2", "1", "2", ""), Catch::Matchers::Contains("LOTSE_LOCAL_RANK"));
  CHECK_THROWS_WITH(of("2", "1", "2", "2"), Catch::Matchers::Contains("from 0 to 1"));
  CHECK_THROWS_WITH(of("", "", "65", "2"), Catch::Matchers::Contains("from 1 to 64"));
}

TEST_CASE("ranks: sums, broadcasts, rows of different numbers") {
  as_ranks(3, [](const dist::Membership& membership) {
    const auto group = dist::Group::join(membership);
    const auto rank = group->rank();
    auto sum = torch::full({5}, static_cast<double>(rank + 1), torch::kFloat64);
    group->all_reduce(sum);
    if (!torch::equal(sum, torch::full({5}, 6.0, torch::kFloat64))) throw std::runtime_error("sum");
    auto first = torch::full({2}, rank + 7);
    group->broadcast(first);
    if (first[0].item<int64_t>() != 7) throw std::runtime_error("broadcast");
    const auto rows =
        group->gather_rows(torch::full({rank, 2}, static_cast<double>(rank), torch::kFloat64));
    if (rows.size(0) != 3 || rows[0][0].item<double>() != 1 || rows[2][1].item<double>() != 2)
      throw std::runtime_error("rows");
  });
}

TEST_CASE("ranks: who never comes is given up") {
  auto membership = member(0, 2, free_port());
  membership.timeout = std::chrono::seconds(1);
  try {
    dist::Group::join(membership);
    FAIL("alone, and yet it joined");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::peer_lost);
  }
  membership.rank = 1;
  membership.rendezvous_host = "no-such-host.invalid";
  CHECK_THROWS_AS(dist::Group::join(membership), base::Error);
}

TEST_CASE("training: two ranks of batch 2 equal one of batch 4, with frozen batch norm") {
  const base::TemporaryFolder folder;
  std::vector<double> alone, together;
  auto options = quick(folder.path(), "one");
  options.eval_batch_norm = true;
  options.epochs = 1;
  train::train(options, detect::make_learner, dist::Membership{}, losses_into(alone));
  options.output = (folder.path() / "two").string();
  as_ranks(2, [&](const dist::Membership& membership) {
    std::vector<double> unused;
    train::train(options, detect::make_learner, membership,
                 losses_into(membership.rank == 0 ? together : unused));
  });
  REQUIRE(alone.size() == 3);
  REQUIRE(together.size() == 3);
  for (size_t i = 0; i < alone.size(); ++i) CHECK(together[i] == Approx(alone[i]).epsilon(1e-5));
  CHECK(difference(folder.path() / "one/state.safetensors",
                   folder.path() / "two/state.safetensors") < 1e-5);
}

TEST_CASE("training: twice the same, and the same again after a break between epochs") {
  const base::TemporaryFolder folder;
  std::vector<double> whole, again;
  const auto options = quick(folder.path(), "whole");
  train::train(options, detect::make_learner, dist::Membership{}, losses_into(whole));
  REQUIRE(whole.size() == 6);
  auto broken = quick(folder.path(), "broken");
  struct Break {};
  const auto note = losses_into(again);
  CHECK_THROWS_AS(train::train(broken, detect::make_learner, dist::Membership{},
                               [&](const contract::Event& event) {
                                 note(event);
                                 if (event.type == "epoch") throw Break();
                               }),
                  Break);
  CHECK(again.size() == 3);
  broken.resume = true;
  json result;
  train::train(broken, detect::make_learner, dist::Membership{}, [&](const contract::Event& event) {
    note(event);
    if (event.type == "result") result = event.fields;
  });
  CHECK(again == whole);
  CHECK(difference(folder.path() / "whole/last.safetensors",
                   folder.path() / "broken/last.safetensors") == 0);
  CHECK(result.at("best") == (folder.path() / "broken/best.safetensors").string());
  std::ifstream lines(folder.path() / "broken/results.jsonl");
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) CHECK(json::parse(line).at("epoch") == ++count);
  CHECK(count == 2);

  broken.batch = 2;
  CHECK_THROWS_WITH(
      train::train(broken, detect::make_learner, dist::Membership{}, [](const contract::Event&) {}),
      Catch::Matchers::Contains("batch was 4, now it is 2"));
}

TEST_CASE(
    "training: SIGTERM and SIGHUP end the step, save, exit 75; the same run goes on by itself") {
  const base::TemporaryFolder folder;
  std::vector<double> whole;
  auto options = quick(folder.path(), "whole");
  options.epochs = 8;
  options.val_interval = 8;
  auto stopped = options;
  stopped.output = (folder.path() / "stopped").string();
  train::train(options, detect::make_learner, dist::Membership{}, losses_into(whole));
  const Variable name("LOTSE_RUN_ID", "workload/1");
  for (const int signal : {SIGTERM, SIGHUP}) {
    std::filesystem::remove(folder.path() / "stopped/stepped");
    auto process = start_rank(stopped, {});
    wait_for(folder.path() / "stopped/stepped");
    process.send(signal);
    CHECK(process.wait().code == contract::exit_stopped);
  }
  std::vector<double> rest;
  train::train(stopped, detect::make_learner, dist::Membership{}, losses_into(rest));
  REQUIRE(!rest.empty());
  CHECK(rest.size() < whole.size());
  CHECK(std::equal(rest.rbegin(), rest.rend(), whole.rbegin()));
  CHECK(difference(folder.path() / "whole/last.safetensors",
                   folder.path() / "stopped/last.safetensors") == 0);
}

TEST_CASE("training: results of another run stay; a complete run stays as it is") {
  const base::TemporaryFolder folder;
  const auto options = quick(folder.path(), "run");
  const auto last = folder.path() / "run/last.safetensors";
  std::vector<double> losses;
  {
    const Variable name("LOTSE_RUN_ID", "workload/1");
    train::train(options, detect::make_learner, dist::Membership{}, losses_into(losses));
    const auto weights = base::read_file(last);
    losses.clear();
    json result;
    train::train(options, detect::make_learner, dist::Membership{},
                 [&](const contract::Event& event) {
                   if (event.type == "step") losses.push_back(0);
                   if (event.type == "result") result = event.fields;
                 });
    CHECK(losses.empty());
    CHECK(result.at("epochs") == 2);
    CHECK(base::read_file(last) == weights);
  }
  const auto before = base::read_file(last);
  CHECK_THROWS_WITH(
      train::train(options, detect::make_learner, dist::Membership{}, losses_into(losses)),
      Catch::Matchers::Contains("holds the results of another run"));
  CHECK(base::read_file(last) == before);
  auto anew = options;
  anew.overwrite = true;
  anew.epochs = 1;
  train::train(anew, detect::make_learner, dist::Membership{}, losses_into(losses));
  CHECK(losses.size() == 3);
  CHECK(base::read_file(folder.path() / "run/results.jsonl").find("\"epoch\":2") ==
        std::string::npos);
}

TEST_CASE("training: of two ranks that were stopped, rank 0's state is both ranks' state") {
  const base::TemporaryFolder folder;
  std::vector<double> whole, parts;
  auto options = quick(folder.path(), "whole");
  const auto together = [&](std::vector<double>& losses, int64_t most) {
    as_ranks(2, [&](const dist::Membership& membership) {
      const bool leads = membership.rank == 0;
      auto own = options;
      own.max_steps = most;
      // Nobody else sees the folder.
      if (!leads) own.output = (folder.path() / "nowhere").string();
      std::vector<double> unused;
      train::train(own, detect::make_learner, membership, losses_into(leads ? losses : unused));
    });
  };
  together(whole, 0);
  options.output = (folder.path() / "parts").string();
  const Variable name("LOTSE_RUN_ID", "workload/1");
  together(parts, 3);
  CHECK(parts.size() == 3);
  together(parts, 0);
  CHECK(parts == whole);
  CHECK(difference(folder.path() / "whole/last.safetensors",
                   folder.path() / "parts/last.safetensors") == 0);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "nowhere"));
}

TEST_CASE("training: when a rank is killed, the others exit 76 soon") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path(), "run");
  options.epochs = 1000;
  options.val_interval = 1000;
  const auto port = std::to_string(free_port());
  std::vector<base::Process> ranks;
  for (const auto* rank : {"1", "0"})  // any order
    ranks.push_back(start_rank(options, {{"LOTSE_WORKERS", "2"},
                                         {"JOB_COMPLETION_INDEX", rank},
                                         {"LOTSE_RENDEZVOUS", "127.0.0.1:" + port},
                                         {"LOTSE_HOST", "127.0.0.1"}}));
  wait_for(folder.path() / "run/stepped");
  ranks[0].send(SIGKILL);
  const auto start = std::chrono::steady_clock::now();
  CHECK(ranks[1].wait().code == contract::exit_peer_lost);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
  CHECK(ranks[0].wait().signal == SIGKILL);
}

TEST_CASE("training: mistakes are told before anything is written") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path(), "never");
  options.imgsz = 70;
  CHECK_THROWS_WITH(train::train(options, detect::make_learner, dist::Membership{},
                                 [](const contract::Event&) {}),
                    Catch::Matchers::Contains("multiple of 32"));
  options.imgsz = 64;
  std::ofstream(folder.path() / "set/labels/train/000003.txt") << "9 0.5 0.5 0.1 0.1\n";
  CHECK_THROWS_WITH(train::train(options, detect::make_learner, dist::Membership{},
                                 [](const contract::Event&) {}),
                    Catch::Matchers::Contains("000003.txt:1"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "never"));
}

TEST_CASE("rounds in which a rank finds no peers are lost peers, until they count as a failure") {
  const base::TemporaryFolder folder;
  const auto output = folder.path() / "results";
  const auto kind_of_round = [&] {
    auto alone = member(0, 2, free_port());
    alone.timeout = std::chrono::seconds(1);
    try {
      dist::join_again(alone, output, 2);
    } catch (const base::Error& error) {
      return error.kind();
    }
    FAIL("a peer came");
    return base::ErrorKind::interrupted;
  };
  CHECK(kind_of_round() == base::ErrorKind::peer_lost);
  CHECK(kind_of_round() == base::ErrorKind::failed);
  CHECK(kind_of_round() == base::ErrorKind::failed);
  as_ranks(2, [&](const dist::Membership& each) { dist::join_again(each, output, 2); });
  CHECK(kind_of_round() == base::ErrorKind::peer_lost);
}
