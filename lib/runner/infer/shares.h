#pragma once
#include <cstdint>

namespace lotse::runner::infer {

/// Which of the processes that share the pictures this one is.
struct Worker {
  int64_t index = 0;
  int64_t count = 1;
};

/// Reads LOTSE_WORKERS and JOB_COMPLETION_INDEX; without the first the process is alone. Throws
/// Error(invalid) naming the variable that is wrong or missing.
Worker worker_from_environment();

/// The pictures [first, end) of a list.
struct Share {
  int64_t first = 0;
  int64_t end = 0;
  int64_t size() const { return end - first; }
};

/// The shares follow each other in the list's order, and differ by one group of `batch` pictures at
/// most. No group is cut: a picture is predicted together with the same others however many workers
/// there are, so that the results are the same to the bit.
Share share_of(const Worker& worker, int64_t pictures, int64_t batch);

}  // namespace lotse::runner::infer
