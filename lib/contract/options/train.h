#pragma once
#include "contract/options/classify.h"
#include "contract/options/detect.h"
#include "contract/options/shared.h"

namespace lotse::contract {

struct TrainOptions : DetectAugmentOptions,
                      DetectLossOptions,
                      ClassifyAugmentOptions,
                      CacheOptions,
                      ComputeOptions {
  std::string model = "yolo26n";
  std::string data;
  std::string output = "runs/train";
  int64_t epochs = 100;
  int64_t batch = 16;
  int64_t nominal_batch = 64;
  int64_t imgsz = 0;
  int64_t seed = 0;
  std::string optimizer = "auto";
  double lr0 = 0.01;
  double lrf = 0.01;
  double momentum = 0.937;
  double weight_decay = 0.0005;
  double warmup_epochs = 3.0;
  double warmup_momentum = 0.8;
  double warmup_bias_lr = -1;
  bool cosine = false;
  double ema_decay = 0.9999;
  double ema_tau = 2000;
  double clip_norm = 10;
  int64_t freeze = 0;
  std::vector<int64_t> freeze_layers;
  int64_t patience = 100;
  int64_t val_interval = 1;
  int64_t max_steps = 0;
  bool eval_batch_norm = false;
  bool resume = false;
  bool skip_bad = false;
  bool overwrite = false;
  bool log_steps = false;
  std::string precision = "fp32";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(
        Field{.name = "model",
              .help = "weights file (.safetensors, .pt) or an architecture's name such as yolo26n",
              .file = Field::in},
        self.model);
    visit(Field{.name = "data",
                .help = "data set: data.yaml, COCO's JSON, .ndjson, or the folder of one of them; "
                        "a classifier's: a folder a class in train/ and val/",
                .required = true,
                .file = Field::in},
          self.data);
    visit(Field{.name = "output", .help = "folder for checkpoints and results", .file = Field::out},
          self.output);
    visit(Field{.name = "epochs", .help = "passes over the training set", .minimum = 1},
          self.epochs);
    visit(Field{.name = "batch",
                .help = "images a step, over all ranks; -1: what fits into the GPU's memory",
                .minimum = -1},
          self.batch);
    visit(imgsz_field("image side in pixels, a multiple of 32; 0: 640, or 224 for a classifier"),
          self.imgsz);
    visit(Field{.name = "seed", .help = "seed of weights, order and augmentation", .minimum = 0},
          self.seed);
    visit(Field{.name = "resume",
                .help = "go on from the state in the output folder, though another run left it"},
          self.resume);
    visit(Field{.name = "overwrite",
                .help = "replace the results of another run in the output folder"},
          self.overwrite);
    visit(Field{.name = "skip_bad",
                .help = "go on without bad label rows and pictures that cannot be read"},
          self.skip_bad);
    auto kept_of_pictures = of_tasks(picture_tasks, "", visit);
    CacheOptions::fields(self, kept_of_pictures);
    visit(precision_field("number format of the forward pass; auto: the fastest here",
                          {"fp32", "bf16", "auto"}),
          self.precision);
    ComputeOptions::fields(self, visit);
    optimization(self, visit);
    auto of_detectors = of_tasks("detect", "Detectors", visit);
    DetectAugmentOptions::fields(self, of_detectors);
    DetectLossOptions::fields(self, of_detectors);
    auto of_classifiers = of_tasks("classify", "Classifiers", visit);
    ClassifyAugmentOptions::fields(self, of_classifiers);
  }

 private:
  template <class Self, class Visit>
  static void optimization(Self& self, Visit&& visit) {
    constexpr auto group = "Optimization";
    visit(Field{.name = "nominal_batch",
                .help = "images between optimizer steps: gradients accumulate up to it",
                .minimum = 1,
                .group = group},
          self.nominal_batch);
    visit(Field{.name = "optimizer",
                .help = "auto: MuSGD for long runs, AdamW for short ones",
                .choices = {"auto", "musgd", "sgd", "adamw"},
                .group = group},
          self.optimizer);
    visit(Field{.name = "lr0",
                .help = "first learning rate (not with --optimizer auto)",
                .minimum = 0,
                .group = group},
          self.lr0);
    visit(Field{.name = "lrf",
                .help = "last learning rate as a part of the first",
                .minimum = 0,
                .group = group},
          self.lrf);
    visit(Field{.name = "momentum",
                .help = "momentum, or beta1 of AdamW (not with --optimizer auto)",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.momentum);
    visit(Field{.name = "weight_decay",
                .help = "weight decay at the nominal batch",
                .minimum = 0,
                .group = group},
          self.weight_decay);
    visit(Field{.name = "warmup_epochs",
                .help = "epochs of rising learning rate",
                .minimum = 0,
                .group = group},
          self.warmup_epochs);
    visit(Field{.name = "warmup_momentum",
                .help = "momentum at the beginning of the warm-up; AdamW keeps its beta1",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.warmup_momentum);
    visit(Field{.name = "warmup_bias_lr",
                .help = "learning rate of biases at its beginning; -1: 0.1, or 0 with AdamW and "
                        "--optimizer auto",
                .minimum = -1,
                .group = group},
          self.warmup_bias_lr);
    visit(Field{.name = "cosine",
                .help = "learning rate falls by a cosine instead of a line",
                .group = group},
          self.cosine);
    visit(Field{.name = "ema_decay",
                .help = "part of the averaged weights that stays at each update",
                .minimum = 0,
                .maximum = 1,
                .group = group},
          self.ema_decay);
    visit(Field{.name = "ema_tau",
                .help = "updates over which the averaged weights warm up",
                .minimum = 1,
                .group = group},
          self.ema_tau);
    visit(Field{.name = "clip_norm",
                .help = "largest joint norm of a step's gradients; 0: any",
                .minimum = 0,
                .group = group},
          self.clip_norm);
    visit(Field{.name = "freeze",
                .help = "first layers of the model that stay as they are",
                .minimum = 0,
                .group = group,
                .tasks = "detect"},
          self.freeze);
    visit(Field{.name = "freeze_layers",
                .help = "layers that stay as they are, by number",
                .minimum = 0,
                .group = group,
                .tasks = "detect"},
          self.freeze_layers);
    visit(Field{.name = "patience",
                .help = "epochs without a better result (mAP50-95) before stopping; 0: never",
                .minimum = 0,
                .group = group},
          self.patience);
    visit(Field{.name = "val_interval",
                .help = "epochs between validations; the last epoch is always validated",
                .minimum = 1,
                .group = group},
          self.val_interval);
    visit(Field{.name = "max_steps",
                .help = "stop after this many optimizer steps; 0: no limit",
                .minimum = 0,
                .group = group},
          self.max_steps);
    visit(Field{.name = "eval_batch_norm",
                .help = "batch norm uses its running statistics, frozen",
                .group = group},
          self.eval_batch_norm);
    visit(
        Field{
            .name = "log_steps", .help = "print the loss of every optimizer step", .group = group},
        self.log_steps);
  }
};

}  // namespace lotse::contract
