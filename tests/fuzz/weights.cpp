#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "checkpoint/checkpoint.h"
#include "reads.h"

// The readers map a file, so the bytes go through one that has no name and lies in memory.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = ::memfd_create("weights", 0);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    return 0;
  return takes_or_refuses([] { lotse::checkpoint::read("/proc/self/fd/" + std::to_string(file)); });
}
