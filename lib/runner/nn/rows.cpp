#include "runner/nn/rows.h"

#include <cmath>

namespace lotse::runner::nn {

void Rows::stages() {
  const auto small = architecture_.c3k_everywhere ? C2f::Inner::c3k : C2f::Inner::bottleneck_half;
  conv(64);
  conv(128);
  stage(3, 256, 128, small, 0.25);
  conv(256);
  stage(6, 512, 256, small, 0.25);
  conv(512);
  stage(6, 512, 512, C2f::Inner::c3k, 0.5);
  conv(1024);
  stage(3, 1024, 1024, C2f::Inner::c3k, 0.5);
}

void Rows::stage(int64_t legacy_count, int64_t out, int64_t legacy_out, C2f::Inner inner,
                 double expansion) {
  if (architecture_.family == Family::yolov8) {
    csp(legacy_count, legacy_out, C2f::Inner::bottleneck_full, true, 0.5);
  } else {
    csp(2, out, inner, true, expansion);
  }
}

void Rows::attention() {
  if (architecture_.family == Family::yolov8) return;
  add("C2PSA", channels(), std::make_shared<C2PSA>(channels(), repeats(2), device_));
}

void Rows::conv(int64_t out) {
  const auto to = scaled(out);
  add("Conv", to, std::make_shared<Conv>(channels(), to, Conv::Options{3, 2}, device_));
}

void Rows::csp(int64_t count, int64_t out, C2f::Inner inner, bool shortcut, double expansion) {
  const auto to = scaled(out);
  add(architecture_.family == Family::yolov8 ? "C2f" : "C3k2", to,
      std::make_shared<C2f>(channels(), to, repeats(count), inner, shortcut, expansion, device_));
}

void Rows::add(const char* type, int64_t out, BlockPtr block) {
  rows_.push_back({type, {last()}, out, std::move(block)});
}

void Rows::join(std::vector<int64_t> from) {
  int64_t total = 0;
  for (const int64_t row : from) total += rows_[static_cast<size_t>(row)].channels;
  rows_.push_back({"Concat", std::move(from), total, nullptr});
}

int64_t Rows::scaled(int64_t out) const {
  const double wanted =
      static_cast<double>(std::min(out, architecture_.max_channels)) * architecture_.width;
  return static_cast<int64_t>(std::ceil(wanted / 8)) * 8;
}

int64_t Rows::repeats(int64_t count) const {
  if (count == 1) return 1;
  // nearbyint rounds halves to even, as the field's tools do.
  return std::max<int64_t>(
      static_cast<int64_t>(std::nearbyint(static_cast<double>(count) * architecture_.depth)), 1);
}

}  // namespace lotse::runner::nn
