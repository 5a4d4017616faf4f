#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "runner/run_mark.h"

namespace lotse::runner::train {

/// What the user said about results of another run.
struct Earlier {
  bool resume = false;     ///< go on from its state
  bool overwrite = false;  ///< replace them
};

/// The output folder of a training. It belongs to one run, which run.json names and whose every
/// start goes on where the one before has stopped. While a process trains it holds a lock on that
/// file, so that no other one writes there too.
class RunFolder {
 public:
  /// Looks, and writes nothing. Throws Error(invalid) where the folder holds another run's results
  /// and `earlier` says nothing about them, Error(conflict) where another process trains in it now.
  RunFolder(std::filesystem::path path, std::string run, Earlier earlier);

  const std::filesystem::path& path() const { return path_; }
  /// Whether the state that lies there is to be gone on from.
  bool goes_on() const { return goes_on_; }

  /// Makes the folder and writes our name into run.json. Results that are overwritten go first, so
  /// that no state of theirs is ever ours. Throws as the constructor, and Error(failed) where it
  /// cannot be written.
  void claim();

  /// Of results.jsonl, the lines of these first epochs alone: a start that was killed between
  /// writing a line and writing the state left one too many.
  void keep_epochs(int64_t epochs) const;

 private:
  void look();
  void open_mark(int flags);
  bool has_results() const;
  void write_mark();

  std::filesystem::path path_;
  std::string run_;
  Earlier earlier_;
  base::Descriptor mark_;  ///< run.json, locked; none if there is no such file yet
  bool goes_on_ = false;
  bool replaces_ = false;
};

}  // namespace lotse::runner::train
