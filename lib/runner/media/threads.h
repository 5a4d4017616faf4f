#pragma once
#include <cstdint>
#include <functional>

namespace lotse::runner::media {

/// Calls `work(i)` once for each i in [0, count), on up to `threads` threads at once, in no order.
/// After an error no new call begins; it is thrown when those under way have ended.
void on_threads(int64_t count, int64_t threads, const std::function<void(int64_t)>& work);

}  // namespace lotse::runner::media
