#pragma once
#include <string>
#include <vector>

namespace lotse::checkpoint {

/// One thing in a file that a program which runs the file's contents would do, or that is not
/// known to be harmless.
struct Finding {
  std::string member;  ///< the file's part, "archive/code/__torch__.py"; "" for the file itself
  std::string what;    ///< the operator, global, keyword or constant: "torch.save", "os.system"
  std::string place;   ///< "line 12", "byte 57"
  std::string why;     ///< a phrase behind it: "is not an operator of a detector"
};

using Findings = std::vector<Finding>;

/// "MEMBER, PLACE: 'WHAT' WHY"
std::string describe(const Finding& finding);

}  // namespace lotse::checkpoint
