#pragma once
#include <string>

namespace lotse::base {

/// How much goes to standard error beside results: 0 warnings, 1 what is done (--verbose), 2 more.
void set_log_level(int level);
int log_level();

void log_warning(const std::string& message);           ///< "lotse: warning: MESSAGE"
void log_debug(int level, const std::string& message);  ///< printed when log_level() >= level

}  // namespace lotse::base
