#pragma once
#include <filesystem>
#include <string>

namespace lotse::test {

/// Runs a shell line and returns its exit code; its standard output goes to `output`, if given.
int run(const std::string& line, std::string* output = nullptr);

/// In `folder`: bin/lotse-runner, which needs lib/deep/libone.so by DT_RUNPATH; that one needs
/// lib/deep/libtwo.so by DT_RPATH $ORIGIN; lib/liblotse-runner.so is loaded by dlopen from beside
/// it. A decoy libtwo.so with another answer lies in lib/decoy. It prints "program" with --version,
/// and what the libraries answer, "1 2 3", without.
void build_program(const std::filesystem::path& folder);

}  // namespace lotse::test
