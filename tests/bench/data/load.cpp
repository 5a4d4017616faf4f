// Makes training batches and nothing else, on one thread: load DATA SIDE CACHE SECONDS [MOSAIC].
// Prints JSON: pictures a second of processor time and of wall time, and the most memory it had.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "runner/detect/batches.h"
#include "runner/detect/dataset.h"

using namespace lotse::runner;

namespace {

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double wall_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  constexpr int64_t batch = 16;
  torch::set_num_threads(1);
  auto set = detect::read_data_set(argv[1]);
  task::Keeping keeping;
  keeping.cache = argv[3];
  keeping.recent = detect::recent_pictures;
  detect::Pictures pictures(std::move(set.train), std::atoi(argv[2]), keeping);
  pictures.load({});
  detect::Augmentation augmentation;
  if (argc > 5) augmentation.mosaic = std::atof(argv[5]);
  const double limit = std::atof(argv[4]);
  int64_t made = 0, epoch = 0;
  const double began = processor_seconds(), wall = wall_seconds();
  for (int64_t b = 0; wall_seconds() - wall < limit; ++b) {
    if (b * batch >= pictures.count()) b = 0, ++epoch;
    const auto indices = task::global_batch(1, epoch, b, batch, pictures.count());
    made += detect::training_batch(pictures, indices, 1, epoch, augmentation).inputs.size(0);
  }
  const double processor = processor_seconds() - began, seconds = wall_seconds() - wall;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf("{\"per_core\": %.2f, \"per_second\": %.2f, \"mb\": %.0f, \"pictures\": %lld}\n",
              static_cast<double>(made) / processor, static_cast<double>(made) / seconds,
              static_cast<double>(used.ru_maxrss) / 1e3, static_cast<long long>(pictures.count()));
}
