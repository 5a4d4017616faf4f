#pragma once
#include <string>
#include <vector>

#include "runner/nn/architecture.h"
#include "runner/nn/blocks.h"

namespace lotse::runner::nn {

/// One row of a network: what it reads and the block, if it is more than joining.
struct Row {
  std::string type;           ///< "C3k2"
  std::vector<int64_t> from;  ///< the rows that it reads; -1: the picture
  int64_t channels = 0;       ///< out
  BlockPtr block;             ///< null: the inputs are joined
};

/// Writes down the rows of an architecture, counting channels as it goes. Channels are given as for
/// factors of 1.
class Rows {
 public:
  Rows(const Architecture& architecture, torch::Device device)
      : architecture_(architecture), device_(device) {}

  /// The nine rows from the picture to a 32nd of its sides, which all networks begin with.
  void stages();
  /// C2PSA behind the last row, which keeps its channels; nothing in YOLOv8.
  void attention();
  /// A convolution that halves the sides.
  void conv(int64_t out);
  /// C2f or C3k2, as the family has it.
  void csp(int64_t count, int64_t out, C2f::Inner inner, bool shortcut, double expansion);
  /// A block that reads the last row; `out` as it is.
  void add(const char* type, int64_t out, BlockPtr block);
  void join(std::vector<int64_t> from);

  int64_t scaled(int64_t out) const;
  int64_t last() const { return static_cast<int64_t>(rows_.size()) - 1; }  ///< its index
  int64_t channels() const { return rows_.empty() ? 3 : rows_.back().channels; }
  const Architecture& architecture() const { return architecture_; }
  torch::Device device() const { return device_; }
  std::vector<Row> take() { return std::move(rows_); }

 private:
  void stage(int64_t legacy_count, int64_t out, int64_t legacy_out, C2f::Inner inner,
             double expansion);
  int64_t repeats(int64_t count) const;

  const Architecture& architecture_;
  torch::Device device_;
  std::vector<Row> rows_;
};

}  // namespace lotse::runner::nn
