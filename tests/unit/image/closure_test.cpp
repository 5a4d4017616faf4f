#include "image/closure.h"

#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "program.h"

using namespace lotse;
namespace fs = std::filesystem;

namespace {

std::set<std::string> files_of(const image::Closure& closure) {
  std::set<std::string> result;
  for (const auto& library : closure.libraries) result.insert(fs::canonical(library.file));
  return result;
}

/// What the loader itself says.
std::set<std::string> files_by_ldd(const fs::path& program) {
  std::string output;
  REQUIRE(test::run("ldd '" + program.string() + "'", &output) == 0);
  std::set<std::string> result;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const size_t arrow = line.find("=> /");
    if (arrow != std::string::npos)
      result.insert(fs::canonical(line.substr(arrow + 3, line.find(" (") - arrow - 3)));
  }
  return result;
}

const image::SearchFolders usual{{}, image::system_folders()};

}  // namespace

TEST_CASE("the closure is what ldd says") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  for (const fs::path& program :
       {fs::path("/bin/ls"), folder.path() / "bin/lotse-runner", fs::path("/proc/self/exe")}) {
    const fs::path real = fs::canonical(program);
    const auto closure = image::find_closure(real, {}, usual);
    CHECK(files_of(closure) == files_by_ldd(real));
    CHECK(closure.libraries.size() > 0);
    CHECK(closure.interpreter == "/lib64/ld-linux-x86-64.so.2");
  }
}

TEST_CASE("given folders come after RPATH and before RUNPATH, as LD_LIBRARY_PATH does") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  const auto find = [&](const fs::path& given) {
    return files_of(image::find_closure(folder.path() / "bin/lotse-runner", {},
                                        {{given}, image::system_folders()}));
  };
  const std::string decoy = fs::canonical(folder.path() / "lib/decoy/libtwo.so");
  const std::string right = fs::canonical(folder.path() / "lib/deep/libtwo.so");
  // libone.so asks for libtwo.so by RPATH: the decoy has no chance.
  CHECK(find(folder.path() / "lib/decoy").count(right) == 1);
  CHECK(find(folder.path() / "lib/decoy").count(decoy) == 0);
  // libone.so itself is asked for by RUNPATH: a given one takes precedence.
  fs::copy_file(folder.path() / "lib/deep/libone.so", folder.path() / "lib/decoy/libone.so");
  CHECK(find(folder.path() / "lib/decoy").count(decoy) == 1);
}

TEST_CASE("what is declared as dlopened is part of the closure, with its own needs") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  const auto closure = image::find_closure(folder.path() / "bin/lotse-runner",
                                           {{"lotse-runner", "../lib/liblotse-runner.so"}}, usual);
  CHECK(closure.libraries.back().name == "liblotse-runner.so");
  CHECK(closure.libraries.back().relative == "../lib/liblotse-runner.so");
  CHECK_THROWS_WITH(
      image::find_closure(folder.path() / "bin/lotse-runner", {{"nobody", "libx.so"}}, usual),
      Catch::Contains("nobody"));
}

TEST_CASE(
    "every missing library is named with what needs it; one of another machine is passed over") {
  const base::TemporaryFolder folder;
  test::build_program(folder.path());
  const fs::path library = folder.path() / "lib/deep/libtwo.so";
  std::string bytes = base::read_file(library);
  bytes[18] = '\xb7';
  base::write_file_atomic(library, bytes);
  try {
    image::find_closure(folder.path() / "bin/lotse-runner", {{"lotse-runner", "libmissing.so"}},
                        usual);
    FAIL("no error");
  } catch (const base::Error& error) {
    REQUIRE(error.diagnostics().size() == 2);
    CHECK_THAT(error.diagnostics()[0].message, Catch::Contains("libtwo.so"));
    CHECK_THAT(error.diagnostics()[0].where, Catch::EndsWith("libone.so"));
    CHECK_THAT(error.diagnostics()[1].message, Catch::Contains("libmissing.so"));
  }
}

TEST_CASE("ld.so.conf is read with its includes") {
  const base::TemporaryFolder folder;
  fs::create_directories(folder.path() / "d");
  base::write_file_atomic(folder.path() / "ld.so.conf",
                          "# comment\n/first # one\ninclude d/*.conf\n");
  base::write_file_atomic(folder.path() / "d/b.conf", "/third\n");
  base::write_file_atomic(folder.path() / "d/a.conf", "/second\n");
  const auto folders = image::system_folders(folder.path() / "ld.so.conf");
  REQUIRE(folders.size() > 4);
  CHECK(folders[0] == "/first");
  CHECK(folders[1] == "/second");
  CHECK(folders[2] == "/third");
  CHECK(folders[3] == "/lib/x86_64-linux-gnu");
}
