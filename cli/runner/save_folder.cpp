#include "cli/runner/save_folder.h"

#include <cstdlib>
#include <optional>
#include <set>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "contract/environment.h"
#include "runner/run_mark.h"

namespace lotse::cli::runner {

namespace fs = std::filesystem;
namespace mark = lotse::runner;
using base::cat;

namespace {

constexpr auto mode = "infer";

std::optional<mark::RunMark> mark_in(const fs::path& folder) {
  return mark::parse_run_mark(base::read_file_if_there(folder / mark::run_mark_file).value_or(""));
}

/// A start of the program by hand has no name that a later one could bear.
bool is_named() {
  const char* given = std::getenv(contract::environment::run_id);
  return given != nullptr && *given != '\0';
}

/// BMP and TIFF are read but not written: their pictures are saved as PNG.
std::string ending_of(const fs::path& picture) {
  const auto own = base::lower(picture.extension().string());
  return own == ".bmp" || own == ".tif" || own == ".tiff" ? ".png" : picture.extension().string();
}

std::map<fs::path, fs::path> plan(const fs::path& folder, const std::vector<fs::path>& pictures) {
  std::map<fs::path, fs::path> targets;
  std::set<fs::path> taken;
  for (const auto& picture : pictures) {
    if (targets.contains(picture)) continue;
    const auto stem = picture.stem().string(), ending = ending_of(picture);
    fs::path target = folder / (stem + ending);
    for (int number = 2; !taken.insert(target).second; ++number)
      target = folder / cat(stem, "_", number, ending);
    targets[picture] = target;
  }
  return targets;
}

}  // namespace

SaveFolder::SaveFolder(fs::path folder, const std::vector<fs::path>& pictures, bool overwrite)
    : folder_(std::move(folder)), targets_(plan(folder_, pictures)) {
  const auto before = mark_in(folder_);
  if (is_named() && before && before->mode != mode)
    throw base::Error({{"save", folder_.string() + " holds the results of a run of another kind",
                        "Name another --save."}});
  std::vector<fs::path> there;
  for (const auto& [picture, target] : targets_) {
    std::error_code none;
    if (fs::equivalent(picture, target, none))
      throw base::Error({{"save", "would overwrite " + picture.string(), "Name another folder."}});
    if (fs::exists(target)) there.push_back(target);
  }
  // Read after the pictures were seen: another worker of ours may have begun meanwhile, and writes
  // it first.
  const auto now = mark_in(folder_);
  const bool ours = is_named() && now && now->run == mark::this_run();
  if (there.empty() || ours || overwrite) return;
  const auto more = there.size() > 1 ? cat(" and ", there.size() - 1, " more") : "";
  throw base::Error({{"save", cat(there[0].string(), more, " would be replaced"),
                      "--overwrite replaces what is there, another --save keeps it."}});
}

void SaveFolder::claim() const {
  fs::create_directories(folder_);
  if (!is_named()) return;
  base::write_file_atomic(folder_ / mark::run_mark_file,
                          mark::to_text({mode, mark::this_run(), base::timestamp_now()}));
}

}  // namespace lotse::cli::runner
