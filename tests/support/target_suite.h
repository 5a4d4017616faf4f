#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "action/target.h"

// What target.h promises, as tests over every form of Target: target_suite.cpp, linked by each
// program that says with `sites` where to run them.

namespace lotse::test {

using action::json;

/// A Target, and whatever carries its objects out. Nothing is there at first, and nothing is left.
class Site {
 public:
  virtual ~Site() = default;
  virtual action::Target& target() = 0;
  /// Of another command at the same time.
  virtual std::unique_ptr<action::Target> another() = 0;
  /// A container that prints these lines and ends well.
  virtual json printing(const std::vector<std::string>& lines) const = 0;
  /// A container that runs until it is stopped.
  virtual json sleeping() const = 0;
  /// Where nothing does that by itself: runs the pods of the workload's Jobs to their end.
  virtual void carry_out(const std::string&) {}
};

struct NamedSite {
  std::string name;
  std::function<std::unique_ptr<Site>()> make;
};

std::vector<NamedSite> sites();  ///< defined by each program

}  // namespace lotse::test
