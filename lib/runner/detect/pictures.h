#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runner/detect/dataset.h"
#include "runner/detect/sample.h"
#include "runner/media/buffers.h"
#include "runner/media/picture_cache.h"
#include "runner/media/recent.h"

namespace lotse::runner::detect {

/// How decoded pictures are kept. What is kept changes how long it takes, never what is read.
struct Keeping {
  /// "auto": in memory if all fit; "ram": those that fit; "disk", "no".
  std::string cache = "auto";
  std::filesystem::path folder;  ///< of "disk"
  int64_t recent = 0;            ///< so many that were decoded latest stay in memory in any case
  /// Bytes for them; -1: of what base::memory_left() says half for "ram", else a quarter: training
  /// itself takes the most. The processes of a pod share it.
  int64_t memory = -1;
};

/// The decoded pictures of a data set, their longer side made `side` (bilinear). Thread-safe.
class Pictures {
 public:
  Pictures(std::vector<Item> items, int side, const Keeping& keeping = {});

  /// Decodes all that are to be kept; with "no", and with "auto" where they do not fit, none: then
  /// a picture that cannot be decoded is found on its first use. Throws Error(invalid) with every
  /// one of these. With `skip_bad` all are decoded in any case, and those that cannot be are left
  /// out; no picture left is an Error. `progress` is called by one of the `threads` at a time.
  task::LeftOut load(const std::function<void(int64_t done, int64_t total)>& progress,
                     bool skip_bad = false, int64_t threads = 1);

  int64_t count() const { return static_cast<int64_t>(items_.size()); }
  int side() const { return side_; }
  const std::vector<Item>& items() const { return items_; }
  /// Where they are, after load(): "in memory (12 MB)", "on disk in FOLDER", "decoded when needed".
  std::string kept_in_words() const;
  /// What of the wish to keep them could not be, or "".
  std::string problem() const { return problem_; }
  /// Width and height of each as decoded; those that are not kept are decoded for it, on `threads`.
  std::vector<std::pair<int, int>> sizes(int64_t threads) const;
  /// The i-th picture and its objects in its pixels. Throws Error(invalid) if it cannot be decoded.
  std::shared_ptr<const Sample> get(int64_t index) const;
  /// For the canvases on which they are drawn.
  media::Buffers& buffers() const { return buffers_; }

 private:
  struct Decoded;
  std::vector<Decoded> decode_all(const std::function<void(int64_t, int64_t)>& progress,
                                  int64_t threads, int64_t memory);
  task::LeftOut take(std::vector<Decoded> all, bool skip_bad);
  void tell_problem(int64_t unwritten);
  std::shared_ptr<const Sample> decode(int64_t index) const;
  media::Image read(const Item& item) const;

  std::vector<Item> items_;
  int side_;
  Keeping keeping_;
  std::optional<media::PictureCache> disk_;
  std::vector<std::shared_ptr<const Sample>> kept_;  ///< null: not this one; empty: none
  int64_t recent_count_;
  mutable media::Recent<Sample> recent_;
  mutable media::Buffers buffers_;
  std::string problem_;
};

}  // namespace lotse::runner::detect
