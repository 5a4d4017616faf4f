#pragma once
#include <set>
#include <string>

#include "action/lint_findings.h"
#include "action/prepare.h"

namespace lotse::action {

/// Checks of what a template renders, one render after the other.
class ObjectChecks {
 public:
  explicit ObjectChecks(Findings& findings) : findings_(findings) {}

  /// `with` are the values that differ from the defaults, in words.
  void check(const Prepared& prepared, const std::string& with);
  /// Of everything that came out: whether Lotse has something to wait for in a template of `kind`,
  /// and whether isolation can be asked for.
  void check_all(const std::string& kind);

 private:
  void check_api(const json& object, const std::string& title, const std::string& with);
  void check_name(const std::string& name, const std::string& title, const std::string& with);
  void check_pods(const json& object, const Prepared& prepared, const std::string& title,
                  const std::string& with);

  Findings& findings_;
  std::set<std::string> kinds_;
  bool hides_users_ = false;
};

}  // namespace lotse::action
