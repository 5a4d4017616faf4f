#pragma once
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runner/infer/part.h"
#include "runner/infer/shares.h"

namespace lotse::runner::infer {

/// What a file of results holds.
struct Tally {
  int64_t pictures = 0;
  int64_t found = 0;       ///< boxes, or classes, in all
  int64_t unreadable = 0;  ///< lines with `error` in place of results
  void add(const nlohmann::json& line);
};

/// The folder that a run writes its results to, with all who share it:
///
///     infer.jsonl            a line a picture, in the list's order; there when the run is complete
///     run.json               the run that infer.jsonl belongs to (run_mark.h), written after it
///     parts-RUN/shares.json  what is shared: options, number of workers, the list of pictures
///     parts-RUN/part-00000.jsonl ...  the lines of each share
///
/// The first worker writes shares.json, and the list in it is the one of every start: pictures that
/// come or go later change nothing. Whoever ends last joins the parts and removes them; a file
/// takes its name when it is whole, so a process may be killed at any moment. Several that join at
/// once write the same bytes.
class Results {
 public:
  /// Looks, and writes nothing. `how` is what has to be the same at every start. Throws
  /// Error(invalid) where the folder holds another run's results and not `overwrite`, and where the
  /// run was begun with another `how`. A start by hand, which has no LOTSE_RUN_ID, goes on where
  /// one before it with the same `how` was cut off.
  Results(std::filesystem::path folder, nlohmann::json how, const Worker& worker, bool overwrite);

  /// Of a run that was complete before.
  std::optional<Tally> done() const;
  /// The list of pictures that was written down; empty before the first claim.
  const std::vector<std::filesystem::path>& pictures() const { return pictures_; }
  /// Writes down what is shared, unless another worker has done so.
  void claim(const std::vector<std::filesystem::path>& pictures);

  /// Of pictures(), whose groups are of `batch`.
  Share share(int64_t batch) const { return share_of(worker_, std::ssize(pictures_), batch); }
  std::unique_ptr<Part> open_part(int64_t batch) const;
  /// Joins the parts if all are complete, else nothing. Throws Error(failed) naming a part that is
  /// damaged.
  std::optional<Tally> join(int64_t batch) const;
  std::filesystem::path file() const;  ///< infer.jsonl

 private:
  void refuse_others() const;
  bool read_shares();
  std::filesystem::path part(int64_t index) const;
  Tally write_joined(int64_t batch) const;

  std::filesystem::path folder_, parts_;
  std::string run_;  ///< "" of a start by hand
  nlohmann::json how_;
  Worker worker_;
  bool overwrite_;
  bool begins_anew_ = false;  ///< in the place of another start by hand
  std::vector<std::filesystem::path> pictures_;
};

}  // namespace lotse::runner::infer
