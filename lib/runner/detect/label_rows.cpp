#include "runner/detect/label_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/number.h"
#include "base/strings.h"

namespace lotse::runner::detect {

namespace {

std::string count_problem(size_t values, const Keypoints& keypoints) {
  if (values == 5) return "";
  if (keypoints && values != keypoints.values())
    return base::cat("has ", values, " values; kpt_shape [", keypoints.count, ", ",
                     keypoints.dimensions, "] makes ", keypoints.values(), ", or 5 without points");
  if (!keypoints && (values < 7 || values % 2 == 0))
    return base::cat("has ", values, " values; a box has 5, an outline 7, 9, 11, ...");
  return "";
}

}  // namespace

std::vector<std::string> text_lines(std::string text) {
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  text = base::replace_all(base::replace_all(std::move(text), "\r\n", "\n"), "\r", "\n");
  std::vector<std::string> lines;
  for (const auto& line : base::split(text, '\n')) lines.push_back(base::trim(line));
  return lines;
}

std::string encoding_problem(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return "is UTF-16, not UTF-8";
  return text.find('\0') == std::string_view::npos ? "" : "is no text in UTF-8: it holds NUL bytes";
}

LabelRow label_row(const std::string& line) {
  LabelRow row;
  for (const auto& part : base::split(base::replace_all(line, "\t", " "), ' ')) {
    if (part.empty()) continue;
    const bool sign = part.size() > 1 && part[0] == '+' && part[1] != '-';
    const auto number = base::to_number(std::string_view(part).substr(sign ? 1 : 0));
    if (!number) {
      row.wrong = part;
      break;
    }
    row.numbers.push_back(*number);
  }
  return row;
}

std::string label_problem(const LabelRow& row, size_t classes, const Keypoints& keypoints) {
  const auto& n = row.numbers;
  if (!row.wrong.empty()) return "'" + row.wrong + "' is not a number";
  if (auto problem = count_problem(n.size(), keypoints); !problem.empty()) return problem;
  if (!(n[0] >= 0 && n[0] < static_cast<double>(classes)) || n[0] != std::floor(n[0]))
    return base::cat("class ", n[0], " is none of 0 to ", classes - 1);
  const size_t used = keypoints ? 5 : n.size();
  for (size_t i = 1; i < used; ++i)
    if (!(n[i] >= -0.01 && n[i] <= 1.01))
      return base::cat("value ", n[i], " is outside 0 to 1 (parts of the side, not pixels)");
  if (used == 5 && (n[3] <= 0 || n[4] <= 0)) return "width or height is 0";
  return box_in(n, used != 5).area() > 0 ? "" : "has no area in the picture";
}

Box box_in(const std::vector<double>& n, bool outline) {
  Box box{static_cast<int64_t>(n[0])};
  if (!outline) {
    box.x1 = n[1] - n[3] / 2, box.x2 = n[1] + n[3] / 2;
    box.y1 = n[2] - n[4] / 2, box.y2 = n[2] + n[4] / 2;
  } else {
    box.x1 = box.x2 = n[1];
    box.y1 = box.y2 = n[2];
    for (size_t i = 1; i + 1 < n.size(); i += 2) {
      box.x1 = std::min(box.x1, n[i]), box.x2 = std::max(box.x2, n[i]);
      box.y1 = std::min(box.y1, n[i + 1]), box.y2 = std::max(box.y2, n[i + 1]);
    }
  }
  for (double* value : {&box.x1, &box.y1, &box.x2, &box.y2}) *value = std::clamp(*value, 0.0, 1.0);
  return box;
}

Outline outline_in(const std::vector<double>& n) {
  const auto part = [](double value) { return static_cast<float>(std::clamp(value, 0.0, 1.0)); };
  Outline outline;
  for (size_t i = 1; i + 1 < n.size(); i += 2) outline.push_back({part(n[i]), part(n[i + 1])});
  return outline;
}

std::string label_line(const Box& box, const Outline& outline) {
  char line[160];
  if (!outline.empty()) {
    auto text = std::to_string(box.class_id);
    for (const auto& corner : outline) {
      std::snprintf(line, sizeof line, " %.7g %.7g", static_cast<double>(corner.x),
                    static_cast<double>(corner.y));
      text += line;
    }
    return text + "\n";
  }
  std::snprintf(line, sizeof line, "%lld %.9g %.9g %.9g %.9g\n",
                static_cast<long long>(box.class_id), (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2,
                box.width(), box.height());
  return line;
}

}  // namespace lotse::runner::detect
