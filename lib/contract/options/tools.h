#pragma once
#include "contract/options/shared.h"

/// The options of modes that look at a model or make data. No template runs them.
namespace lotse::contract {

struct InspectOptions {
  std::string model;
  int64_t seed = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file or an architecture's name",
                .place = Field::positional,
                .required = true,
                .file = Field::in},
          self.model);
    visit(fresh_seed_field(), self.seed);
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
                .required = true,
                .file = Field::in},
          self.model);
    visit(Field{.name = "input",
                .help = "safetensors file with the tensor 'images': N x 3 x H x W, float, 0 to 1",
                .required = true,
                .file = Field::in},
          self.input);
    visit(Field{.name = "output",
                .help = "safetensors file for the raw outputs of the heads",
                .required = true,
                .file = Field::out},
          self.output);
    visit(fresh_seed_field(), self.seed);
    visit(Field{.name = "fused", .help = "fold batch norm into the convolutions first"},
          self.fused);
    visit(threads_field(), self.threads);
  }
};

/// Of `dataset shapes`.
struct ShapesOptions {
  std::string folder;
  int64_t seed = 0;
  int64_t train_images = 800;
  int64_t val_images = 200;
  int64_t imgsz = 320;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "folder",
                .help = "folder to write it to",
                .place = Field::positional,
                .required = true,
                .file = Field::out},
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

/// Of `dataset convert`.
struct ConvertOptions {
  std::string output;
  std::string train, train_images;
  std::string val, val_images;
  bool skip_bad = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "output",
                .help = "folder to write it to, new or empty",
                .place = Field::positional,
                .required = true,
                .file = Field::out},
          self.output);
    visit(Field{.name = "train",
                .help = "COCO's JSON of the pictures to train on",
                .required = true,
                .file = Field::in},
          self.train);
    visit(Field{.name = "train_images",
                .help = "folder at which its file names begin",
                .required = true,
                .file = Field::in},
          self.train_images);
    visit(Field{.name = "val",
                .help = "COCO's JSON of the pictures to validate on",
                .required = true,
                .file = Field::in},
          self.val);
    visit(Field{.name = "val_images",
                .help = "folder at which its file names begin",
                .required = true,
                .file = Field::in},
          self.val_images);
    visit(Field{.name = "skip_bad",
                .help = "go on without bad annotations and pictures that are not there"},
          self.skip_bad);
  }
};

/// Of `dataset check`.
struct CheckOptions {
  std::string data;
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "data",
                .help = "data.yaml of a data set in YOLO format",
                .place = Field::positional,
                .required = true,
                .file = Field::in},
          self.data);
    visit(threads_field(), self.threads);
  }
};

}  // namespace lotse::contract
