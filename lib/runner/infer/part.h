#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "runner/infer/aside_file.h"
#include "runner/infer/shares.h"

namespace lotse::runner::infer {

/// Which picture of the list a line of results is about; -1 if it is no such line, or a torn one.
int64_t index_in(const std::string& line);

/// The results of one share: a JSON object a line, with the member `index`, in the list's order.
/// Each process that takes the share over goes on in a copy of the lines that were there, so that
/// an elder one, which a lost node may still run, writes where nobody reads.
class Part {
 public:
  /// Of what was there the first whole groups stay; a torn line and all behind it go.
  Part(const std::filesystem::path& file, const Share& share, int64_t batch);

  int64_t next() const { return next_; }  ///< the first picture without a line
  /// The lines of one group. Throws Error(peer_lost) if another process has taken the share over.
  void append(const std::vector<nlohmann::ordered_json>& lines);
  void flush() { file_.flush(); }

 private:
  void keep(const std::filesystem::path& before, const Share& share, int64_t batch);

  AsideFile file_;
  int64_t next_;
};

/// Whether the file has the line of the share's last picture, at its end.
bool is_complete(const std::filesystem::path& file, const Share& share);

}  // namespace lotse::runner::infer
