#include "program.h"

#include <catch2/catch.hpp>

#include "base/files.h"
#include "base/process.h"

namespace lotse::test {

namespace fs = std::filesystem;

int run(const std::string& line, std::string* output) {
  const base::TemporaryFolder folder;
  const fs::path file = folder.path() / "output";
  const int code =
      base::Process::start({{"/bin/sh", "-c", "(" + line + ") >'" + file.string() + "'"}})
          .wait()
          .code;
  if (output != nullptr) *output = base::read_file(file);
  return code;
}

void build_program(const fs::path& folder) {
  fs::create_directories(folder / "bin");
  fs::create_directories(folder / "lib/deep");
  fs::create_directories(folder / "lib/decoy");
  base::write_file_atomic(folder / "two.c", "int two(void) { return ANSWER; }\n");
  base::write_file_atomic(folder / "one.c",
                          "int two(void); int one(void) { return 10 + two(); }\n");
  base::write_file_atomic(folder / "three.c", "int three(void) { return 3; }\n");
  base::write_file_atomic(folder / "main.c", R"(
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
int one(void);
int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "--version") == 0) return puts("program") < 0;
  void* handle = dlopen("/lib/liblotse-runner.so", RTLD_NOW);
  if (handle == NULL) return puts(dlerror()), 1;
  int (*three)(void) = (int (*)(void))dlsym(handle, "three");
  printf("%d %d\n", one(), three());
  return 0;
}
)");
  const std::string compile = "cd '" + folder.string() + "' && cc -O1 ";
  const std::string shared = compile + "-shared -fPIC ";
  REQUIRE(run(shared + "-DANSWER=2 -Wl,-soname,libtwo.so -o lib/deep/libtwo.so two.c") == 0);
  REQUIRE(run(shared + "-DANSWER=9 -Wl,-soname,libtwo.so -o lib/decoy/libtwo.so two.c") == 0);
  REQUIRE(run(shared + "-Wl,-soname,liblotse-runner.so -o lib/liblotse-runner.so three.c") == 0);
  REQUIRE(run(shared + "-Wl,--disable-new-dtags,-rpath,'$ORIGIN' -o lib/deep/libone.so one.c "
                       "-Llib/deep -ltwo") == 0);
  REQUIRE(run(compile + "-Wl,--enable-new-dtags,-rpath,'$ORIGIN/../lib/deep' -o bin/lotse-runner "
                        "main.c -Llib/deep "
                        "-Wl,--no-as-needed -lone -ldl -Wl,--allow-shlib-undefined") == 0);
}

}  // namespace lotse::test
