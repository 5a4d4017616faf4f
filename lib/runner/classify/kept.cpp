#include "runner/classify/kept.h"

#include <unistd.h>

namespace lotse::runner::classify {

int64_t free_memory() {
  return int64_t{::sysconf(_SC_AVPHYS_PAGES)} * int64_t{::sysconf(_SC_PAGESIZE)};
}

}  // namespace lotse::runner::classify
