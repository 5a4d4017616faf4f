#include "base/memory.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "base/files.h"

using namespace lotse::base;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

struct Machine {
  TemporaryFolder folder;
  fs::path proc = folder.path() / "proc", cgroups = folder.path() / "cgroup";

  Machine() {
    put(proc / "meminfo", "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable:   8000 kB\n");
  }
  int64_t left() const { return memory_left(proc, cgroups); }
};

}  // namespace

TEST_CASE("memory: what the machine has available, where nothing limits it") {
  const Machine machine;
  CHECK(machine.left() == 8000 * 1024);
  put(machine.proc / "self/cgroup", "0::/\n");
  CHECK(machine.left() == 8000 * 1024);
  CHECK(memory_left() > 0);
}

TEST_CASE("memory: a pod's limit by cgroup 2, pages that can be dropped not counted") {
  const Machine machine;
  put(machine.proc / "self/cgroup", "0::/pods/a\n");
  put(machine.cgroups / "pods/memory.max", "max\n");
  put(machine.cgroups / "pods/a/memory.max", "5000000\n");
  put(machine.cgroups / "pods/a/memory.current", "3000000\n");
  CHECK(machine.left() == 2'000'000);
  put(machine.cgroups / "pods/a/memory.stat", "anon 1\ninactive_file 500000\nactive_file 7\n");
  CHECK(machine.left() == 2'500'000);
  put(machine.cgroups / "pods/memory.max", "4000000");
  put(machine.cgroups / "pods/memory.current", "3900000");
  CHECK(machine.left() == 100'000);  // the group around it is nearer to its limit
}

TEST_CASE("memory: a pod's limit by cgroup 1, also where only the pod's own folder is mounted") {
  const Machine machine;
  put(machine.proc / "self/cgroup", "4:cpu,cpuacct:/x\n3:memory:/kubepods/pod1/c\n0::/\n");
  put(machine.cgroups / "memory/memory.limit_in_bytes", "6000000");
  put(machine.cgroups / "memory/memory.usage_in_bytes", "7000000");
  put(machine.cgroups / "memory/memory.stat", "cache 5\ntotal_inactive_file 2000000\n");
  CHECK(machine.left() == 1'000'000);
  put(machine.cgroups / "memory/memory.usage_in_bytes", "9000000");
  CHECK(machine.left() == 0);
}

TEST_CASE("memory: in words") {
  CHECK(bytes_in_words(812'300'000) == "812 MB");
  CHECK(bytes_in_words(5'140'000'000) == "5.1 GB");
}
