#pragma once
#include <ATen/autocast_mode.h>

namespace lotse::runner::task {

/// While it lives, the forward pass runs in bfloat16 wherever libtorch considers that safe.
class Autocast {
 public:
  Autocast(bool wanted, c10::DeviceType device) : wanted_(wanted), device_(device) {
    if (!wanted_) return;
    before_ = at::autocast::is_autocast_enabled(device_);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!wanted_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, before_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool wanted_, before_ = false;
  c10::DeviceType device_;
};

}  // namespace lotse::runner::task
