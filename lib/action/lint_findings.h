#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "action/lint.h"
#include "base/strings.h"

// Inside the checks of `lint` only: what they share.

namespace lotse::action {

/// Collects findings, each once, with the values that showed it first.
class Findings {
 public:
  void add(bool error, const std::string& where, const std::string& message,
           const std::string& hint = "", const std::string& with = "") {
    if (seen_.insert(where + "\n" + message).second)
      all_.push_back({error, where, message, hint, with});
  }
  /// Errors first.
  std::vector<LintFinding> take() {
    std::stable_partition(all_.begin(), all_.end(),
                          [](const LintFinding& finding) { return finding.error; });
    return std::move(all_);
  }

 private:
  std::set<std::string> seen_;
  std::vector<LintFinding> all_;
};

inline std::string property_title(const std::string& key) {
  return "template.yaml: schema.properties." + key;
}

inline bool is_among(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A hint, or "".
inline std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  const auto near = base::closest(word, known);
  return near.empty() ? "" : "did you mean " + near + "?";
}

}  // namespace lotse::action
