#include "base/log.h"

#include <cstdio>

namespace lotse::base {

namespace {
int current_level = 0;

void write_line(const std::string& line) {
  const std::string whole =
      line + "\n";  // in one write, so that lines of several threads do not mix
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}
}  // namespace

void set_log_level(int level) {
  current_level = level;
}
int log_level() {
  return current_level;
}

void log_warning(const std::string& message) {
  write_line("lotse: warning: " + message);
}

void log_debug(int level, const std::string& message) {
  if (current_level >= level) write_line("lotse: " + message);
}

}  // namespace lotse::base
