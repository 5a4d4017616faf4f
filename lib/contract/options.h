#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "contract/field.h"

/// The options of the modes, a struct each, whose members own the defaults. `fields` names each
/// member once; JSON keys, the runner's flags and the tests of the templates' schemas come from it.
namespace lotse::contract {

/// The longest side of a network's input, in pixels: 8192 x 8192 takes gigabytes already.
inline constexpr double max_imgsz = 8192;

struct TrainOptions {
  std::string model = "yolo26n";
  std::string data;
  std::string output = "runs/train";
  int64_t epochs = 100;
  int64_t batch = 16;
  int64_t nominal_batch = 64;
  int64_t imgsz = 640;
  int64_t seed = 0;
  std::string optimizer = "auto";
  double lr0 = 0.01;
  double lrf = 0.01;
  double momentum = 0.937;
  double weight_decay = 0.0005;
  double warmup_epochs = 3.0;
  bool cosine = false;
  double ema_tau = 2000;
  double mosaic = 1.0;
  int64_t close_mosaic = 10;
  double scale = 0.5;
  double translate = 0.1;
  double hsv_h = 0.015;
  double hsv_s = 0.7;
  double hsv_v = 0.4;
  double fliplr = 0.5;
  int64_t patience = 100;
  int64_t val_interval = 1;
  int64_t max_steps = 0;
  bool eval_batch_norm = false;
  bool resume = false;
  bool skip_bad = false;
  bool overwrite = false;
  bool log_steps = false;
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(
        Field{.name = "model",
              .help = "weights file (.safetensors, .pt) or an architecture's name such as yolo26n"},
        self.model);
    visit(Field{.name = "data", .help = "data.yaml of a data set in YOLO format", .required = true},
          self.data);
    visit(Field{.name = "output", .help = "folder for checkpoints and results"}, self.output);
    visit(Field{.name = "epochs", .help = "passes over the training set", .minimum = 1},
          self.epochs);
    visit(Field{.name = "batch", .help = "images a step, over all ranks", .minimum = 1},
          self.batch);
    visit(Field{.name = "nominal_batch",
                .help = "images between optimizer steps: gradients accumulate up to it",
                .minimum = 1},
          self.nominal_batch);
    visit(Field{.name = "imgsz",
                .help = "image side in pixels, a multiple of 32",
                .minimum = 32,
                .maximum = max_imgsz,
                .multiple_of = 32},
          self.imgsz);
    visit(Field{.name = "seed", .help = "seed of weights, order and augmentation", .minimum = 0},
          self.seed);
    visit(Field{.name = "optimizer",
                .help = "auto: MuSGD for long runs, AdamW for short ones",
                .choices = {"auto", "musgd", "sgd", "adamw"}},
          self.optimizer);
    visit(
        Field{
            .name = "lr0", .help = "first learning rate (not with --optimizer auto)", .minimum = 0},
        self.lr0);
    visit(Field{.name = "lrf", .help = "last learning rate as a part of the first", .minimum = 0},
          self.lrf);
    visit(Field{.name = "momentum",
                .help = "momentum, or beta1 of AdamW (not with --optimizer auto)",
                .minimum = 0,
                .maximum = 1},
          self.momentum);
    visit(Field{.name = "weight_decay", .help = "weight decay at the nominal batch", .minimum = 0},
          self.weight_decay);
    visit(Field{.name = "warmup_epochs", .help = "epochs of rising learning rate", .minimum = 0},
          self.warmup_epochs);
    visit(Field{.name = "cosine", .help = "learning rate falls by a cosine instead of a line"},
          self.cosine);
    visit(Field{.name = "ema_tau",
                .help = "updates over which the averaged weights warm up",
                .minimum = 1},
          self.ema_tau);
    visit(Field{.name = "mosaic",
                .help = "probability of joining four images",
                .minimum = 0,
                .maximum = 1},
          self.mosaic);
    visit(Field{.name = "close_mosaic", .help = "last epochs without mosaic", .minimum = 0},
          self.close_mosaic);
    visit(
        Field{
            .name = "scale", .help = "random zoom by up to this part", .minimum = 0, .maximum = 1},
        self.scale);
    visit(Field{.name = "translate",
                .help = "random shift by up to this part of the side",
                .minimum = 0,
                .maximum = 1},
          self.translate);
    visit(Field{.name = "hsv_h",
                .help = "random change of hue, a part of the circle",
                .minimum = 0,
                .maximum = 1},
          self.hsv_h);
    visit(Field{.name = "hsv_s", .help = "random change of saturation", .minimum = 0, .maximum = 1},
          self.hsv_s);
    visit(Field{.name = "hsv_v", .help = "random change of brightness", .minimum = 0, .maximum = 1},
          self.hsv_v);
    visit(
        Field{
            .name = "fliplr", .help = "probability of a mirror image", .minimum = 0, .maximum = 1},
        self.fliplr);
    visit(Field{.name = "patience",
                .help = "epochs without a better mAP50-95 before stopping; 0: never",
                .minimum = 0},
          self.patience);
    visit(Field{.name = "val_interval",
                .help = "epochs between validations; the last epoch is always validated",
                .minimum = 1},
          self.val_interval);
    visit(Field{.name = "max_steps",
                .help = "stop after this many optimizer steps; 0: no limit",
                .minimum = 0},
          self.max_steps);
    visit(
        Field{.name = "eval_batch_norm", .help = "batch norm uses its running statistics, frozen"},
        self.eval_batch_norm);
    visit(Field{.name = "resume",
                .help = "go on from the state in the output folder, though another run left it"},
          self.resume);
    visit(Field{.name = "skip_bad",
                .help = "go on without bad label rows and pictures that cannot be read"},
          self.skip_bad);
    visit(Field{.name = "overwrite",
                .help = "replace the results of another run in the output folder"},
          self.overwrite);
    visit(Field{.name = "log_steps", .help = "print the loss of every optimizer step"},
          self.log_steps);
    visit(Field{.name = "precision",
                .help = "number format of the forward pass; auto: the fastest here",
                .choices = {"fp32", "bf16", "auto"}},
          self.precision);
    visit(Field{.name = "device", .help = "auto, cpu, cuda or cuda:N"}, self.device);
    visit(Field{.name = "threads",
                .help = "compute threads; 0: the CPU limit, else all cores",
                .minimum = 0},
          self.threads);
  }
};

struct ExportOptions {
  std::string model;
  std::string format = "torchscript";
  std::string output;
  int64_t imgsz = 640;
  int64_t batch = 1;
  int64_t seed = 0;
  std::string head = "auto";
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file (.safetensors, .pt) or an architecture's name",
                .place = Field::positional,
                .required = true},
          self.model);
    visit(
        Field{.name = "format", .help = "format of the exported model", .choices = {"torchscript"}},
        self.format);
    visit(Field{.name = "output",
                .help = "file to write; default: beside the model, with the format's ending"},
          self.output);
    visit(Field{.name = "imgsz",
                .help = "image side in pixels, a multiple of 32",
                .minimum = 32,
                .maximum = max_imgsz,
                .multiple_of = 32},
          self.imgsz);
    visit(Field{.name = "batch", .help = "images a call", .minimum = 1}, self.batch);
    visit(Field{.name = "seed", .help = "seed of fresh weights", .minimum = 0}, self.seed);
    visit(Field{.name = "head",
                .help = "o2o: end to end, o2m: one to many; auto: o2o where the model has it",
                .choices = {"auto", "o2o", "o2m"}},
          self.head);
    visit(Field{.name = "precision",
                .help = "number format of the weights; auto: the fastest here",
                .choices = {"fp32", "bf16", "auto"}},
          self.precision);
    visit(Field{.name = "device", .help = "auto, cpu, cuda or cuda:N"}, self.device);
    visit(Field{.name = "threads",
                .help = "compute threads; 0: the CPU limit, else all cores",
                .minimum = 0},
          self.threads);
  }
};

/// A model and how it is run, of the modes that predict.
struct EngineOptions {
  std::string model;
  int64_t imgsz = 640;
  int64_t seed = 0;
  std::string head = "auto";
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file, exported model, or an architecture's name",
                .place = Field::positional,
                .required = true},
          self.model);
    visit(Field{.name = "imgsz",
                .help = "longer image side in pixels, a multiple of 32",
                .minimum = 32,
                .maximum = max_imgsz,
                .multiple_of = 32},
          self.imgsz);
    visit(Field{.name = "seed", .help = "seed of fresh weights", .minimum = 0}, self.seed);
    visit(Field{.name = "head",
                .help =
                    "o2o: end to end, o2m: one to many with NMS; auto: o2o where the model has it",
                .choices = {"auto", "o2o", "o2m"}},
          self.head);
    visit(Field{.name = "precision",
                .help = "number format; auto: the fastest here",
                .choices = {"fp32", "bf16", "fp16", "auto"}},
          self.precision);
    visit(Field{.name = "device", .help = "auto, cpu, cuda or cuda:N"}, self.device);
    visit(Field{.name = "threads",
                .help = "compute threads; 0: the CPU limit, else all cores",
                .minimum = 0},
          self.threads);
  }
};

/// And which of its detections count.
struct DetectOptions : EngineOptions {
  double conf = 0.25;
  double iou = 0.7;
  int64_t max_det = 300;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    EngineOptions::fields(self, visit);
    visit(Field{.name = "conf", .help = "least confidence", .minimum = 0, .maximum = 1}, self.conf);
    visit(Field{.name = "iou",
                .help = "overlap above which the weaker box goes (o2m head)",
                .minimum = 0,
                .maximum = 1},
          self.iou);
    visit(Field{.name = "max_det", .help = "most detections a picture", .minimum = 1},
          self.max_det);
  }
};

struct InferOptions : DetectOptions {
  std::vector<std::string> source;
  std::vector<int64_t> classes;
  int64_t batch = 1;
  std::string save;
  bool overwrite = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    DetectOptions::fields(self, visit);
    visit(Field{.name = "source",
                .help = "pictures (JPEG, PNG, WebP, BMP, TIFF), folders or globs",
                .place = Field::positional,
                .required = true},
          self.source);
    visit(Field{.name = "classes", .help = "only these class ids", .minimum = 0}, self.classes);
    visit(Field{.name = "batch", .help = "pictures of the same shape taken together", .minimum = 1},
          self.batch);
    visit(Field{.name = "save", .help = "folder for annotated pictures"}, self.save);
    visit(Field{.name = "overwrite", .help = "replace pictures that are in that folder already"},
          self.overwrite);
  }
};

struct ServeOptions : DetectOptions {
  std::string name = "model";
  std::string host = "0.0.0.0";
  int64_t port = 8080;
  double drain_seconds = 5;
  double idle_seconds = 75;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    DetectOptions::fields(self, visit);
    visit(Field{.name = "name", .help = "the model's name in the protocol's paths"}, self.name);
    visit(Field{.name = "host", .help = "address to listen on"}, self.host);
    visit(Field{.name = "port",
                .help = "port to listen on, unless LOTSE_PORT_HTTP is set; 0: a free one",
                .minimum = 0,
                .maximum = 65535},
          self.port);
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
    EngineOptions::fields(self, visit);
    visit(Field{.name = "source", .help = "picture to predict on; default: a grey one of 640x480"},
          self.source);
    visit(Field{.name = "repeats", .help = "predictions that are timed", .minimum = 1},
          self.repeats);
    visit(Field{.name = "warmup", .help = "predictions before them", .minimum = 0}, self.warmup);
    visit(Field{.name = "batch", .help = "pictures a prediction", .minimum = 1}, self.batch);
  }
};

struct InspectOptions {
  std::string model;
  int64_t seed = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file or an architecture's name",
                .place = Field::positional,
                .required = true},
          self.model);
    visit(Field{.name = "seed", .help = "seed of fresh weights", .minimum = 0}, self.seed);
  }
};

struct ForwardOptions {
  std::string model;
  std::string input;
  std::string output;
  int64_t seed = 0;
  bool fused = true;
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file or an architecture's name",
                .place = Field::positional,
                .required = true},
          self.model);
    visit(Field{.name = "input",
                .help = "safetensors file with the tensor 'images': N x 3 x H x W, float, 0 to 1",
                .required = true},
          self.input);
    visit(Field{.name = "output",
                .help = "safetensors file for the raw outputs of the heads",
                .required = true},
          self.output);
    visit(Field{.name = "seed", .help = "seed of fresh weights", .minimum = 0}, self.seed);
    visit(Field{.name = "fused", .help = "fold batch norm into the convolutions first"},
          self.fused);
    visit(Field{.name = "threads",
                .help = "compute threads; 0: the CPU limit, else all cores",
                .minimum = 0},
          self.threads);
  }
};

struct DatasetOptions {
  std::string kind;
  std::string folder;
  int64_t seed = 0;
  int64_t train_images = 800;
  int64_t val_images = 200;
  int64_t imgsz = 320;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "kind",
                .help = "which data set",
                .place = Field::positional,
                .required = true,
                .choices = {"shapes"}},
          self.kind);
    visit(Field{.name = "folder",
                .help = "folder to write it to",
                .place = Field::positional,
                .required = true},
          self.folder);
    visit(Field{.name = "seed",
                .help = "seed of the pictures; the validation set uses another one",
                .minimum = 0},
          self.seed);
    visit(Field{.name = "train_images", .help = "pictures to train on", .minimum = 1},
          self.train_images);
    visit(Field{.name = "val_images", .help = "pictures to validate on", .minimum = 1},
          self.val_images);
    visit(Field{.name = "imgsz",
                .help = "side of the pictures in pixels",
                .minimum = 32,
                .maximum = max_imgsz},
          self.imgsz);
  }
};

}  // namespace lotse::contract
