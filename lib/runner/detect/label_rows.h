#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "runner/detect/boxes.h"

/// The rows of label files, and what all text of a data set has in common.
namespace lotse::runner::detect {

/// Lines without white space at their ends, however they are ended ("\n", "\r\n", "\r"); a byte
/// order mark is none of the text's.
std::vector<std::string> text_lines(std::string text);

/// Why the bytes are not the text that they should be, or "". A NUL stands in each letter of
/// UTF-16.
std::string encoding_problem(std::string_view text);

inline constexpr auto encoding_hint =
    "Save it as UTF-8, for example with iconv -f UTF-16 -t UTF-8.";

/// How the rows of label files look: [N, D] of kpt_shape, or 0 where there are no keypoints.
struct Keypoints {
  int64_t count = 0, dimensions = 0;
  size_t values() const { return static_cast<size_t>(5 + count * dimensions); }
  explicit operator bool() const { return count > 0; }
};

struct LabelRow {
  std::vector<double> numbers;
  std::string wrong;  ///< the first thing in it that is not a number
};

LabelRow label_row(const std::string& line);

/// What is wrong with a row, or "". Values may lie up to 1 % outside the picture; something of it
/// must lie inside.
std::string label_problem(const LabelRow& row, size_t classes, const Keypoints& keypoints);

/// Of a row without a problem, in parts of the sides and cut to the picture. `outline`: x1 y1 x2 y2
/// ... behind the class, else centre, width and height.
Box box_in(const std::vector<double>& numbers, bool outline);

/// The corners of an outline's row, cut to the picture.
Outline outline_in(const std::vector<double>& numbers);

/// The row of an object in parts of the sides, with the line's end: its outline, or its box where
/// that is none.
std::string label_line(const Box& box, const Outline& outline);

}  // namespace lotse::runner::detect
