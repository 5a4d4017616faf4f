// Pictures that several workers share: shares, parts, and how they are joined.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "runner/infer/results.h"
#include "runner/run_mark.h"
#include "support/error_from.h"

using namespace lotse;
using namespace lotse::runner::infer;
using lotse::test::error_from;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// The name of the run, as a pod has it.
class Run {
 public:
  explicit Run(const std::string& name) { ::setenv("LOTSE_RUN_ID", name.c_str(), 1); }
  ~Run() { ::unsetenv("LOTSE_RUN_ID"); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
};

constexpr int64_t batch = 3;

std::vector<fs::path> some_pictures(int count) {
  std::vector<fs::path> all;
  for (int i = 0; i < count; ++i) all.push_back("/p/" + std::to_string(i) + ".png");
  return all;
}

nlohmann::ordered_json line(int64_t index) {
  if (index == 4) return {{"index", index}, {"image", "x"}, {"error", "damaged"}};
  return {
      {"index", index}, {"image", "x"}, {"boxes", std::vector<int>(static_cast<size_t>(index))}};
}

/// Does a share, or so many groups of it.
void work(Part& part, const Share& share, int64_t groups = 1000) {
  for (; part.next() < share.end && groups > 0; --groups) {
    std::vector<nlohmann::ordered_json> lines;
    for (auto i = part.next(); i < std::min(part.next() + batch, share.end); ++i)
      lines.push_back(line(i));
    part.append(lines);
  }
}

Results begun(const fs::path& folder, const Worker& worker, int pictures = 20,
              const json& how = {{"conf", 0.25}}, bool overwrite = false) {
  Results results(folder, how, worker, overwrite);
  results.claim(some_pictures(pictures));
  return results;
}

std::optional<Tally> done_by(const fs::path& folder, const Worker& worker) {
  const auto results = begun(folder, worker);
  work(*results.open_part(batch), results.share(batch));
  return results.join(batch);
}

size_t entries(const fs::path& folder) {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("shares: all pictures once, in order, and no group is cut") {
  for (int64_t pictures : {0, 1, 7, 20, 2000})
    for (int64_t size : {1, 3, 8})
      for (int64_t count : {1, 2, 4, 7, 30}) {
        int64_t next = 0, least = pictures, most = 0;
        for (int64_t index = 0; index < count; ++index) {
          const auto share = share_of({index, count}, pictures, size);
          CHECK(share.first == next);
          CHECK((share.first % size == 0 || share.first == pictures));
          least = std::min(least, share.size());
          most = std::max(most, share.size());
          next = share.end;
        }
        CHECK(next == pictures);
        CHECK(most - least <= 2 * size - 1);
      }
}

TEST_CASE("a worker is told by its variables") {
  ::setenv("LOTSE_WORKERS", "4", 1);
  CHECK_THAT(error_from([] { worker_from_environment(); }).what(),
             Catch::Contains("JOB_COMPLETION_INDEX"));
  ::setenv("JOB_COMPLETION_INDEX", "4", 1);
  CHECK_THAT(error_from([] { worker_from_environment(); }).what(), Catch::Contains("from 0 to 3"));
  ::setenv("JOB_COMPLETION_INDEX", "3", 1);
  CHECK(worker_from_environment().index == 3);
  ::unsetenv("LOTSE_WORKERS");
  CHECK(worker_from_environment().count == 1);
  ::unsetenv("JOB_COMPLETION_INDEX");
}

TEST_CASE("a part goes on behind its last whole group, whatever stands behind that") {
  const base::TemporaryFolder folder;
  const auto file = folder.path() / "part-00000.jsonl";
  const Share share{3, 14};
  std::string whole;
  for (int64_t i = 3; i < 14; ++i) whole += line(i).dump() + "\n";
  const auto at_line = [&](int count) {
    size_t at = 0;
    for (int i = 0; i < count; ++i) at = whole.find('\n', at) + 1;
    return at;
  };
  struct Row {
    std::string text;
    int64_t next;
  };
  for (const auto& [text, next] :
       std::vector<Row>{{"", 3},
                        {whole.substr(0, 9), 3},
                        {whole.substr(0, at_line(2)), 3},
                        {whole.substr(0, at_line(3)), 6},
                        {whole.substr(0, at_line(3) - 1), 3},
                        {whole.substr(0, at_line(5) + 4), 6},
                        {whole.substr(0, at_line(6)) + std::string(300, '\0'), 9},
                        {whole.substr(0, at_line(4)) + "[]\n" + whole.substr(at_line(4)), 6},
                        {whole.substr(0, whole.size() - 1), 12},
                        {whole, 14},
                        {whole + "{\"index\":14}\n", 14}}) {
    INFO(text);
    std::ofstream(file, std::ios::binary) << text;
    CHECK(is_complete(file, share) == text.ends_with(whole.substr(at_line(10))));
    Part part(file, share, batch);
    CHECK(part.next() == next);
    work(part, share);
    CHECK(base::read_file(file) == whole);
    CHECK(is_complete(file, share));
    CHECK(entries(folder.path()) == 1);
  }
  CHECK_FALSE(is_complete(folder.path() / "none", {3, 3}));
}

TEST_CASE("who takes a share over shuts the elder one out") {
  const base::TemporaryFolder folder;
  const auto file = folder.path() / "part";
  const Share share{0, 9};
  Part elder(file, share, batch);
  work(elder, share, 1);
  Part younger(file, share, batch);
  CHECK(younger.next() == 3);
  CHECK(error_from([&] { work(elder, share, 1); }).kind() == base::ErrorKind::peer_lost);
  work(younger, share);
  CHECK(is_complete(file, share));
}

TEST_CASE("several workers make the file that one would make, whoever ends last") {
  const base::TemporaryFolder folder;
  const Run run("uid/1");
  const auto alone = folder.path() / "alone", shared = folder.path() / "shared";
  const auto tally = done_by(alone, {0, 1});
  REQUIRE(tally);
  CHECK(tally->pictures == 20);
  CHECK(tally->unreadable == 1);
  CHECK(tally->found == 19 * 20 / 2 - 4);
  for (const int64_t index : {2, 0, 3}) CHECK_FALSE(done_by(shared, {index, 4}));
  CHECK_FALSE(fs::exists(shared / "infer.jsonl"));
  REQUIRE(done_by(shared, {1, 4}));
  CHECK(base::read_file(shared / "infer.jsonl") == base::read_file(alone / "infer.jsonl"));
  CHECK(entries(shared) == 2);  // and run.json

  // A start of one of them afterwards finds all done; another run does not take it for its own.
  CHECK(Results(shared, {{"conf", 0.25}}, {2, 4}, false).done()->unreadable == 1);
  const Run other("uid/2");
  CHECK_THAT(error_from([&] {
               Results(shared, {{"conf", 0.25}}, {2, 4}, false);
             }).what(),
             Catch::Contains("results of another run"));
  const auto before = base::read_file(shared / "infer.jsonl");
  Results again(shared, {{"conf", 0.5}}, {0, 1}, true);
  CHECK_FALSE(again.done());
  again.claim(some_pictures(2));
  CHECK(base::read_file(shared / "infer.jsonl") == before);  // until the new ones are complete
  work(*again.open_part(batch), again.share(batch));
  CHECK(again.join(batch)->pictures == 2);
  CHECK(entries(shared) == 2);
}

TEST_CASE("the list is the one that was written down first; other options are refused") {
  const base::TemporaryFolder folder;
  const Run run("uid/1");
  begun(folder.path(), {0, 2}, 20);
  Results later(folder.path(), {{"conf", 0.25}}, {1, 2}, false);
  CHECK(later.pictures().size() == 20);
  later.claim(some_pictures(25));
  CHECK(later.pictures().size() == 20);
  CHECK_THAT(error_from([&] {
               Results(folder.path(), {{"conf", 0.5}}, {1, 2}, true);
             }).what(),
             Catch::Contains("conf 0.25 then, 0.5 now"));
  CHECK_THAT(error_from([&] {
               Results(folder.path(), {{"conf", 0.25}}, {1, 3}, false);
             }).what(),
             Catch::Contains("workers 2 then, 3 now"));
}

TEST_CASE("by hand the same command goes on, another one needs --overwrite") {
  const base::TemporaryFolder folder;
  const json how = {{"conf", 0.25}};
  {
    const auto results = begun(folder.path(), {0, 1});
    const auto part = results.open_part(batch);
    work(*part, results.share(batch), 2);
  }
  CHECK(begun(folder.path(), {0, 1}).open_part(batch)->next() == 6);
  CHECK_THROWS_AS(begun(folder.path(), {0, 1}, 20, {{"conf", 0.5}}), base::Error);
  CHECK(begun(folder.path(), {0, 1}, 20, {{"conf", 0.5}}, true).open_part(batch)->next() == 0);
  Results results(folder.path(), {{"conf", 0.5}}, {0, 1}, false);
  work(*results.open_part(batch), results.share(batch));
  CHECK(results.join(batch));
  CHECK_THAT(error_from([&] {
               Results(folder.path(), {{"conf", 0.5}}, {0, 1}, false);
             }).what(),
             Catch::Contains("results of another run"));
}

TEST_CASE("a folder of a training is no place for results") {
  const base::TemporaryFolder folder;
  base::write_file_atomic(folder.path() / "run.json",
                          runner::to_text(runner::RunMark{"train", "uid/1", "now"}));
  const Run run("uid/1");
  CHECK_THAT(error_from([&] {
               Results(folder.path(), json::object(), {0, 1}, true);
             }).what(),
             Catch::Contains("of another kind"));
}

TEST_CASE("workers that end at the same moment join once") {
  const base::TemporaryFolder folder;
  const Run run("uid/1");
  std::string alone;
  {
    const base::TemporaryFolder other;
    done_by(other.path(), {0, 1});
    alone = base::read_file(other.path() / "infer.jsonl");
  }
  for (int round = 0; round < 50; ++round) {
    const auto place = folder.path() / std::to_string(round);
    std::atomic<int> joined = 0;
    std::vector<std::thread> workers;
    for (int64_t index = 0; index < 4; ++index)
      workers.emplace_back([&, index] { joined += done_by(place, {index, 4}) ? 1 : 0; });
    for (auto& worker : workers) worker.join();
    CHECK(joined >= 1);
    CHECK(base::read_file(place / "infer.jsonl") == alone);
    CHECK(entries(place) == 2);
  }
}

TEST_CASE("wherever the join is cut off, the next start ends it") {
  const base::TemporaryFolder folder;
  const Run run("uid/1");
  const auto parts = folder.path() / "parts-uid-1";
  for (const int64_t index : {0, 1}) {
    const auto results = begun(folder.path(), {index, 2});
    work(*results.open_part(batch), results.share(batch));
  }
  const base::TemporaryFolder before;
  fs::copy(parts, before.path() / "parts", fs::copy_options::recursive);
  REQUIRE(done_by(folder.path(), {0, 2}));
  const auto whole = base::read_file(folder.path() / "infer.jsonl");
  for (const bool marked : {false, true}) {  // cut off behind infer.jsonl, behind run.json
    fs::copy(before.path() / "parts", parts, fs::copy_options::recursive);
    if (!marked) fs::remove(folder.path() / "run.json");
    Results results(folder.path(), {{"conf", 0.25}}, {1, 2}, false);
    if (const auto done = results.done())
      CHECK(marked);
    else
      CHECK(done_by(folder.path(), {1, 2})->pictures == 20);
    CHECK(base::read_file(folder.path() / "infer.jsonl") == whole);
    CHECK(entries(folder.path()) == 2);
  }
  // A part that is damaged in its middle is told, with its place.
  fs::copy(before.path() / "parts", parts, fs::copy_options::recursive);
  fs::remove(folder.path() / "run.json");
  fs::remove(folder.path() / "infer.jsonl");
  auto text = base::read_file(parts / "part-00000.jsonl");
  text.replace(text.find("\"index\":1"), 9, "\"xndex\":1");
  std::ofstream(parts / "part-00000.jsonl") << text;
  const auto results = begun(folder.path(), {1, 2});
  CHECK_THAT(error_from([&] { results.join(batch); }).what(),
             Catch::Contains("part-00000.jsonl: line 2 is damaged"));
}
