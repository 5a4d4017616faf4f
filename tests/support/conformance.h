#pragma once
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

/// The folder `part` of the public suites: under the environment's LOTSE_CONFORMANCE, else where
/// .ci/conformance found or brought them when the build was configured. Nothing, after one loud
/// line, where there is none.
inline std::optional<std::filesystem::path> conformance(const std::string& part) {
  const char* named = std::getenv("LOTSE_CONFORMANCE");
  const auto folder = std::filesystem::path(named ? named : LOTSE_CONFORMANCE) / part;
  if (std::filesystem::is_directory(folder)) return folder;
  std::cerr << "lotse: SKIPPED: conformance suite " << part << ": there is no " << folder.string()
            << "; LOTSE_CONFORMANCE names the folder that holds it\n";
  return std::nullopt;
}
