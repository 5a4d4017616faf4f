#include "runner/train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::runner::train {

namespace fs = std::filesystem;
using base::cat;

namespace {

constexpr auto mode = "train";
constexpr auto state_file = "state.safetensors";
constexpr auto results_file = "results.jsonl";

/// All that a training writes. The state goes first: a run that is cut between two of them must not
/// find another one's.
constexpr std::array files = {state_file, results_file, "best.safetensors", "last.safetensors"};

[[noreturn]] void fail(const fs::path& file) {
  throw fs::filesystem_error("cannot write", file, {errno, std::system_category()});
}

std::string content(int fd) {
  std::string text(4096, '\0');
  const ssize_t length = ::pread(fd, text.data(), text.size(), 0);
  text.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return text;
}

}  // namespace

RunFolder::RunFolder(fs::path path, std::string run, Earlier earlier)
    : path_(std::move(path)), run_(std::move(run)), earlier_(earlier) {
  open_mark(0);
  look();
}

/// Some network file systems have no locks: there, two trainings at once are not noticed.
void RunFolder::open_mark(int flags) {
  const auto file = path_ / run_mark_file;
  mark_ = base::Descriptor(::open(file.c_str(), O_RDWR | O_CLOEXEC | flags, 0644));
  if (mark_.get() < 0) {
    if (flags == 0 && (errno == ENOENT || errno == ENOTDIR)) return;
    fail(file);
  }
  if (::flock(mark_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    throw base::Error(base::ErrorKind::conflict,
                      cat("output: another process trains in ", path_.string(), " now"),
                      "Wait for it, or name another --output.");
}

bool RunFolder::has_results() const {
  return std::any_of(files.begin(), files.end(), [&](const char* file) {
    std::error_code none;
    const auto size = fs::file_size(path_ / file, none);
    return !none && size > 0;
  });
}

void RunFolder::look() {
  const auto mark = mark_.get() < 0 ? std::nullopt : parse_run_mark(content(mark_.get()));
  const bool ours = mark && mark->mode == mode && mark->run == run_;
  // A run that ended before it saved anything has nothing to lose.
  const bool others = !ours && has_results();
  if (others && !earlier_.resume && !earlier_.overwrite) {
    const auto when = mark && !mark->started.empty() ? ", started " + mark->started : "";
    throw base::Error({{"output", cat(path_.string(), " holds the results of another run", when),
                        "--resume goes on from them, --overwrite replaces them, another --output "
                        "keeps them."}});
  }
  // To begin anew here would replace what --resume is to keep.
  if (others && earlier_.resume && !fs::exists(path_ / state_file))
    throw base::Error({{"output", cat(path_.string(), " holds no ", state_file, " to go on from"),
                        "--overwrite replaces what is there, another --output keeps it."}});
  replaces_ = others && earlier_.overwrite;
  goes_on_ = !replaces_;
}

void RunFolder::claim() {
  fs::create_directories(path_);
  if (mark_.get() < 0) {
    open_mark(O_CREAT);
    look();
  }
  if (replaces_)
    for (const char* file : files) fs::remove(path_ / file);
  write_mark();
}

void RunFolder::write_mark() {
  const auto before = parse_run_mark(content(mark_.get()));
  if (before && before->mode == mode && before->run == run_) return;
  const auto text = to_text({mode, run_, base::timestamp_now()});
  // In place, for the lock belongs to this very file.
  const bool written =
      ::ftruncate(mark_.get(), 0) == 0 &&
      ::pwrite(mark_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
      ::fsync(mark_.get()) == 0;
  if (!written) fail(path_ / run_mark_file);
}

void RunFolder::keep_epochs(int64_t epochs) const {
  const auto file = path_ / results_file;
  const auto text = base::read_file_if_there(file).value_or("");
  std::string kept;
  for (const auto& line : base::split(text, '\n')) {
    const auto document = nlohmann::json::parse(line, nullptr, false);
    const bool done = document.is_object() && document.value("epoch", int64_t{0}) <= epochs;
    if (done && document.contains("epoch")) kept += line + "\n";
  }
  if (kept != text || text.empty()) base::write_file_atomic(file, kept);
}

}  // namespace lotse::runner::train
