#pragma once
#include <string>

namespace lotse::base {

/// How much is told on standard error beside results: 0 warnings alone, 1 also each step
/// (--verbose), 2 also each request.
void set_log_level(int level);
int log_level();

void log_warning(const std::string& message);           ///< "lotse: warning: MESSAGE"
void log_debug(int level, const std::string& message);  ///< printed when log_level() >= level

}  // namespace lotse::base
