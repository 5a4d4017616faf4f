#pragma once
#include "contract/options.h"

namespace lotse::contract {

/// Of the mode that times predictions. No template runs it; it is for people and for tests/bench.
struct BenchOptions {
  std::string model;
  std::string source;
  int64_t repeats = 50;
  int64_t warmup = 5;
  int64_t imgsz = 640;
  int64_t batch = 1;
  int64_t seed = 0;
  std::string head = "auto";
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{"model", "weights file, exported model, or an architecture's name",
                Field::positional, true},
          self.model);
    visit(Field{"source", "picture to predict on; default: a grey one of 640x480"}, self.source);
    visit(Field{"repeats", "predictions that are timed", {}, {}, {}, 1}, self.repeats);
    visit(Field{"warmup", "predictions before them", {}, {}, {}, 0}, self.warmup);
    visit(Field{"imgsz", "longer image side in pixels, a multiple of 32", {}, {}, {}, 32},
          self.imgsz);
    visit(Field{"batch", "pictures a prediction", {}, {}, {}, 1}, self.batch);
    visit(Field{"seed", "seed of fresh weights", {}, {}, {}, 0}, self.seed);
    visit(Field{"head",
                "o2o: end to end, o2m: one to many with NMS; auto: o2o where the model has it",
                {},
                {},
                {"auto", "o2o", "o2m"}},
          self.head);
    visit(Field{"precision",
                "number format; auto: the fastest here",
                {},
                {},
                {"fp32", "bf16", "fp16", "auto"}},
          self.precision);
    visit(Field{"device", "auto, cpu, cuda or cuda:N"}, self.device);
    visit(Field{"threads", "compute threads; 0: the CPU limit, else all cores", {}, {}, {}, 0},
          self.threads);
  }
};

}  // namespace lotse::contract
