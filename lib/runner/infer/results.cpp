#include "runner/infer/results.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "contract/environment.h"
#include "runner/infer/aside_file.h"
#include "runner/run_mark.h"

namespace lotse::runner::infer {

namespace fs = std::filesystem;
using base::cat;
using base::Error;
using base::ErrorKind;
using nlohmann::json;

namespace {

constexpr auto mode = "infer";
constexpr auto shares_file = "shares.json";
constexpr auto parts_prefix = "parts";

/// A start of the program by hand has no name that a later one could bear.
std::string name_of_run() {
  const char* given = std::getenv(contract::environment::run_id);
  return given == nullptr ? "" : given;
}

/// Each run that has a name has a folder of its own, so that one that replaces another's results
/// never meets its parts.
std::string parts_folder(const std::string& run) {
  if (run.empty()) return parts_prefix;
  std::string name = cat(parts_prefix, "-", run);
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_') c = '-';
  return name;
}

/// Of all runs that were begun in the folder and are not complete.
std::vector<fs::path> parts_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().filename().string().starts_with(parts_prefix) &&
        fs::exists(entry.path() / shares_file))
      found.push_back(entry.path());
  return found;
}

std::string first_difference(const json& before, const json& now) {
  for (const auto& [key, value] : now.items())
    if (!before.contains(key) || before[key] != value)
      return cat(key, " ", before.value(key, json()).dump(), " then, ", value.dump(), " now");
  return "other options";
}

/// Throws Error(invalid) for names that JSON cannot hold.
std::string shares_text(const json& shares) {
  try {
    return shares.dump() + "\n";
  } catch (const json::exception&) {
    throw Error({{"source", "a picture's name is not UTF-8", "Rename it, or leave out --output."}});
  }
}

}  // namespace

void Tally::add(const json& line) {
  ++pictures;
  if (line.contains("error")) ++unreadable;
  for (const auto& member : line)
    if (member.is_array()) found += std::ssize(member);
}

Results::Results(fs::path folder, json how, const Worker& worker, bool overwrite)
    : folder_(std::move(folder)),
      run_(name_of_run()),
      how_(std::move(how)),
      worker_(worker),
      overwrite_(overwrite) {
  parts_ = folder_ / parts_folder(run_);
  how_["workers"] = worker_.count;
  if (!read_shares()) refuse_others();
}

fs::path Results::file() const {
  return folder_ / "infer.jsonl";
}

fs::path Results::part(int64_t index) const {
  auto digits = std::to_string(index);
  return parts_ /
         cat("part-", std::string(5 - std::min<size_t>(5, digits.size()), '0'), digits, ".jsonl");
}

void Results::refuse_others() const {
  const auto mark = parse_run_mark(base::read_file_if_there(folder_ / run_mark_file).value_or(""));
  if (mark && mark->mode != mode)
    throw Error({{"output", folder_.string() + " holds the results of a run of another kind",
                  "Name another --output."}});
  if (overwrite_ || done()) return;
  auto others = parts_in(folder_);
  std::erase(others, parts_);  // another worker has just begun
  if (fs::exists(file()) || !others.empty())
    throw Error({{"output", folder_.string() + " holds the results of another run",
                  "--overwrite replaces them, another --output keeps them."}});
}

bool Results::read_shares() {
  const auto text = base::read_file_if_there(parts_ / shares_file);
  if (!text) return false;
  const auto shares = json::parse(*text, nullptr, false);
  const auto given = shares.is_object() ? shares.value("how", json()) : json();
  if (given != how_) {
    if (overwrite_ && run_.empty()) {
      begins_anew_ = true;
      return false;
    }
    throw Error(
        {{"output", cat(parts_.string(), " was begun otherwise: ", first_difference(given, how_)),
          "Run it as it was begun, or name another --output; by hand, --overwrite begins anew."}});
  }
  for (const auto& picture : shares.at("pictures"))
    pictures_.emplace_back(picture.get<std::string>());
  return true;
}

std::optional<Tally> Results::done() const {
  const auto mark = parse_run_mark(base::read_file_if_there(folder_ / run_mark_file).value_or(""));
  if (run_.empty() || !mark || mark->mode != mode || mark->run != run_) return {};
  std::ifstream lines(file(), std::ios::binary);
  if (!lines) return {};
  std::error_code ignored;
  fs::remove_all(parts_, ignored);  // who joined them may have been cut off before
  Tally tally;
  for (std::string line; std::getline(lines, line);) tally.add(json::parse(line, nullptr, false));
  return tally;
}

void Results::claim(const std::vector<fs::path>& pictures) {
  if (!pictures_.empty()) return;
  if (begins_anew_) fs::remove_all(parts_);
  fs::create_directories(parts_);
  json names = json::array();
  for (const auto& picture : pictures) names.push_back(picture.string());
  AsideFile shares(parts_ / shares_file);
  shares.write(shares_text({{"how", how_}, {"pictures", names}}));
  shares.place();
  read_shares();
}

std::unique_ptr<Part> Results::open_part(int64_t batch) const {
  return std::make_unique<Part>(part(worker_.index), share(batch), batch);
}

std::optional<Tally> Results::join(int64_t batch) const {
  for (int64_t i = 0; i < worker_.count; ++i)
    if (!is_complete(part(i), share_of({i, worker_.count}, std::ssize(pictures_), batch)))
      return done();  // or another worker has joined and removed them
  Tally tally;
  try {
    tally = write_joined(batch);
  } catch (const Error&) {
    if (auto there = done()) return there;
    throw;
  }
  std::error_code ignored;
  for (const auto& parts : overwrite_ ? parts_in(folder_) : std::vector{parts_})
    fs::remove_all(parts, ignored);
  return tally;
}

Tally Results::write_joined(int64_t batch) const {
  AsideFile joined(file(), parts_ / "infer.jsonl");
  Tally tally;
  for (int64_t i = 0; i < worker_.count; ++i) {
    const auto share = share_of({i, worker_.count}, std::ssize(pictures_), batch);
    std::ifstream lines(part(i), std::ios::binary);
    std::string line;
    for (auto index = share.first; index < share.end; ++index) {
      if (!std::getline(lines, line) || index_in(line) != index)
        throw Error(ErrorKind::failed,
                    cat(part(i).string(), ": line ", index - share.first + 1, " is damaged"),
                    "Remove the file: its share is done anew when the run starts again.");
      tally.add(json::parse(line));
      joined.write(line + "\n");
    }
  }
  joined.replace();
  AsideFile mark(folder_ / run_mark_file, parts_ / run_mark_file);
  mark.write(to_text(RunMark{mode, this_run(), base::timestamp_now()}));
  mark.replace();
  return tally;
}

}  // namespace lotse::runner::infer
