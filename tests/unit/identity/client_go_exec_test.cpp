// client_go_exec.md says which of our test cases shows which of client-go's scenarios.
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/files.h"
#include "base/strings.h"

using namespace lotse;

namespace {

std::string all_tests() {
  std::string text;
  for (const char* room : {"identity", "kube", "net"})
    for (const auto& entry : std::filesystem::directory_iterator(std::string("tests/unit/") + room))
      if (entry.path().extension() == ".cpp") text += base::read_file(entry.path());
  return text;
}

}  // namespace

TEST_CASE("the table of client-go's scenarios names test cases that are there") {
  const auto tests = all_tests();
  int rows = 0;
  const auto table = base::read_file("tests/unit/identity/client_go_exec.md");
  for (const auto& line : base::split(table, '\n')) {
    const auto cells = base::split(line, '|');
    if (cells.size() != 4 || !base::trim(cells[1]).starts_with("Test")) continue;
    const auto ours = base::trim(cells[2]);
    ++rows;
    INFO(ours);
    CHECK((ours.starts_with("none: ") || tests.find("\"" + ours + "\"") != std::string::npos));
  }
  CHECK(rows > 50);
}
