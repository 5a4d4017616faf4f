#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace lotse::runner {

/// The file of an output folder that says which run its results belong to.
inline constexpr auto run_mark_file = "run.json";

/// What that file holds: {"mode": ..., "run": ..., "started": ...}.
struct RunMark {
  std::string mode;
  std::string run;      ///< "" where the file is damaged: nobody's
  std::string started;  ///< RFC 3339
};

/// LOTSE_RUN_ID, or a name that no other start of a program has.
std::string this_run();

/// Nothing if the text is empty, as it is in a file that was just made.
std::optional<RunMark> parse_run_mark(const std::string& text);
std::string to_text(const RunMark& mark);

}  // namespace lotse::runner
