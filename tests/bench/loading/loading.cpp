// How long one core takes to make a training picture: bench_loading DATA.YAML SIDE PICTURES. Prints
// milliseconds of its time a picture with the standard augmentation and with all of it.
#include <ATen/Parallel.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>

#include "runner/detect/batches.h"

using namespace lotse::runner;

namespace {

double milliseconds(const detect::Pictures& pictures, int64_t count,
                    const detect::Augmentation& settings) {
  constexpr int64_t batch = 16;
  const auto start = std::clock();
  for (int64_t at = 0; at < count; at += batch) {
    std::vector<int64_t> indices;
    for (int64_t i = at; i < at + batch; ++i) indices.push_back(i % pictures.count());
    detect::training_batch(pictures, indices, 1, at / batch, settings);
  }
  const auto batches = (count + batch - 1) / batch * batch;
  return static_cast<double>(std::clock() - start) * 1000 / CLOCKS_PER_SEC /
         static_cast<double>(batches);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  at::set_num_threads(1);
  detect::Pictures pictures(detect::read_data_set(argv[1]).train, std::atoi(argv[2]));
  pictures.load({});
  const int64_t count = std::atoll(argv[3]);
  detect::Augmentation all;
  all.mixup = all.cutmix = all.flipud = all.bgr = 0.5;
  all.degrees = 10, all.shear = 2, all.perspective = 0.0005;
  milliseconds(pictures, 16, {});
  const double standard = milliseconds(pictures, count, {}),
               everything = milliseconds(pictures, count, all);
  std::printf("%.2f %.2f\n", standard, everything);
}
