#include "runner/task/keeping.h"

#include "base/memory.h"
#include "base/strings.h"
#include "runner/device.h"

namespace lotse::runner::task {

using base::bytes_in_words;
using base::cat;

int64_t memory_for(const Keeping& keeping) {
  if (keeping.memory >= 0) return keeping.memory;
  return base::memory_left() / (keeping.cache == "ram" ? 2 : 4) / processes_of_pod();
}

std::string KeptCount::in_words() const {
  if (!folder.empty()) return "on disk in " + base::printable(folder.string());
  if (in_memory == all) return cat("in memory (", bytes_in_words(bytes), ")");
  if (in_memory == 0) return "decoded when needed";
  return cat(in_memory, " of ", all, " in memory (", bytes_in_words(bytes),
             "), the others decoded when needed");
}

std::string KeptCount::problem(const Keeping& keeping) const {
  if (unwritten > 0)
    return cat("--cache disk: ", unwritten, " pictures could not be written into ",
               base::printable(folder.string()), ": they are decoded when needed");
  if (keeping.cache == "ram" && in_memory < all)
    return cat("--cache ram: not all decoded pictures fit into the memory that is left here (",
               bytes_in_words(base::memory_left()), "): ", in_words());
  return "";
}

}  // namespace lotse::runner::task
