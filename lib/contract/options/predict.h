#pragma once
#include "contract/options/detect.h"
#include "contract/options/shared.h"

/// The options of the modes that predict.
namespace lotse::contract {

/// A model and how it is run. Its fields come in parts, between which a mode puts its own.
struct EngineOptions : ComputeOptions {
  std::string model;
  int64_t imgsz = 0;
  int64_t seed = 0;
  std::string head = "auto";
  std::string precision = "fp32";

 protected:
  template <class Self, class Visit>
  static void model_field(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file, exported model, or an architecture's name",
                .place = Field::positional,
                .required = true,
                .file = Field::in},
          self.model);
  }
  template <class Self, class Visit>
  static void size_field(Self& self, Visit&& visit) {
    visit(imgsz_field("longer image side in pixels, a multiple of 32; 0: as it was trained with"),
          self.imgsz);
  }
  template <class Self, class Visit>
  static void how_fields(Self& self, Visit&& visit) {
    visit(
        head_field("o2o: end to end, o2m: one to many with NMS; auto: o2o where the model has it"),
        self.head);
    visit(
        precision_field("number format; auto: the fastest here", {"fp32", "bf16", "fp16", "auto"}),
        self.precision);
    ComputeOptions::fields(self, visit);
  }
};

struct InferOptions : EngineOptions, DetectOptions {
  std::vector<std::string> source;
  std::vector<int64_t> classes;
  int64_t batch = 1;
  std::string output;
  std::string save;
  bool overwrite = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    model_field(self, visit);
    visit(Field{.name = "source",
                .help = "pictures (JPEG, PNG, WebP, BMP, TIFF), folders or globs",
                .place = Field::positional,
                .required = true,
                .file = Field::in},
          self.source);
    auto of_detectors = of_tasks("detect", "Detectors", visit);
    DetectOptions::fields(self, of_detectors);
    of_detectors(Field{.name = "classes", .help = "only these class ids", .minimum = 0},
                 self.classes);
    size_field(self, visit);
    visit(Field{.name = "batch", .help = "pictures of the same shape taken together", .minimum = 1},
          self.batch);
    visit(fresh_seed_field(), self.seed);
    visit(Field{.name = "output",
                .help = "folder for infer.jsonl, a line a picture, which is printed otherwise",
                .file = Field::out},
          self.output);
    visit(Field{.name = "save", .help = "folder for annotated pictures", .file = Field::out},
          self.save);
    visit(Field{.name = "overwrite", .help = "replace what is in these folders already"},
          self.overwrite);
    how_fields(self, visit);
  }
};

struct ServeOptions : EngineOptions, DetectOptions {
  std::string name = "model";
  std::string host = "0.0.0.0";
  int64_t port = 8080;
  double drain_seconds = 5;
  double idle_seconds = 75;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    model_field(self, visit);
    visit(Field{.name = "name",
                .help = "the model's name in the protocol's paths",
                .lotse_flag = "model-name"},
          self.name);
    visit(Field{.name = "host", .help = "address to listen on"}, self.host);
    visit(Field{.name = "port",
                .help = "port to listen on, unless LOTSE_PORT_HTTP is set; 0: a free one",
                .minimum = 0,
                .maximum = 65535},
          self.port);
    auto of_detectors = of_tasks("detect", "Detectors", visit);
    DetectOptions::fields(self, of_detectors);
    size_field(self, visit);
    visit(fresh_seed_field(), self.seed);
    visit(Field{.name = "drain_seconds",
                .help = "after SIGTERM: not ready but still answering for this long",
                .minimum = 0},
          self.drain_seconds);
    visit(
        Field{.name = "idle_seconds",
              .help = "a connection without a request is closed after this long; more than a load "
                      "balancer's own limit",
              .minimum = 1},
        self.idle_seconds);
    how_fields(self, visit);
  }
};

/// Of the mode that times predictions. No template runs it; it is for people and for tests/bench.
struct BenchOptions : EngineOptions {
  std::string source;
  int64_t repeats = 50;
  int64_t warmup = 5;
  int64_t batch = 1;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    model_field(self, visit);
    size_field(self, visit);
    visit(fresh_seed_field(), self.seed);
    how_fields(self, visit);
    visit(Field{.name = "source",
                .help = "picture to predict on; default: a grey one of 640x480",
                .file = Field::in},
          self.source);
    visit(Field{.name = "repeats", .help = "predictions that are timed", .minimum = 1},
          self.repeats);
    visit(Field{.name = "warmup", .help = "predictions before them", .minimum = 0}, self.warmup);
    visit(Field{.name = "batch", .help = "pictures a prediction", .minimum = 1}, self.batch);
  }
};

}  // namespace lotse::contract
