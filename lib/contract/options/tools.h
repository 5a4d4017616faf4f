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
  std::string layout = "yolo";

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
    visit(
        Field{.name = "layout",
              .help = "yolo: data.yaml, images and labels; classes: a folder a class, one object a "
                      "picture",
              .choices = {"yolo", "classes"}},
        self.layout);
  }
};

/// A data set in any form.
inline Field data_field() {
  return {.name = "data",
          .help = "data set: data.yaml, COCO's JSON, .ndjson, or the folder of one of them",
          .file = Field::in};
}

/// Of `dataset convert`.
struct ConvertOptions {
  std::string output;
  std::string data;
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
    visit(data_field(), self.data);
    visit(Field{.name = "train",
                .help = "instead of --data: COCO's JSON of the pictures to train on",
                .file = Field::in},
          self.train);
    visit(Field{.name = "train_images",
                .help = "folder at which its file names begin; looked for beside it if absent",
                .file = Field::in},
          self.train_images);
    visit(
        Field{
            .name = "val", .help = "COCO's JSON of the pictures to validate on", .file = Field::in},
        self.val);
    visit(Field{.name = "val_images",
                .help = "folder at which its file names begin; looked for beside it if absent",
                .file = Field::in},
          self.val_images);
    visit(Field{.name = "skip_bad",
                .help = "go on without bad annotations and pictures that are not there"},
          self.skip_bad);
  }
};

/// Of `dataset split`.
struct SplitOptions {
  std::string output;
  std::string data;
  double val = 0.2;
  double test = 0;
  int64_t seed = 0;
  std::string group_by = "none";
  bool skip_bad = false;
  bool overwrite = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "output",
                .help = "folder for the lists of pictures and their data.yaml; a classifier's: for "
                        "train/ and val/, hard links, new or empty",
                .place = Field::positional,
                .required = true,
                .file = Field::out},
          self.output);
    auto data = data_field();
    data.required = true;
    data.help =
        "data.yaml of a data set with label files, or its folder; a classifier's: a folder a "
        "class, in parts or not; all its parts are taken";
    visit(data, self.data);
    visit(Field{.name = "val",
                .help = "part of the pictures to validate on",
                .minimum = 0,
                .maximum = 0.99},
          self.val);
    visit(Field{.name = "test",
                .help = "part of the pictures to test on",
                .minimum = 0,
                .maximum = 0.99},
          self.test);
    visit(Field{.name = "seed", .help = "seed of the choice", .minimum = 0}, self.seed);
    visit(Field{.name = "group_by",
                .help = "pictures that stay together: those of a folder, or of a name up to its "
                        "last '_', '-' or '.'",
                .choices = {"none", "folder", "prefix"}},
          self.group_by);
    visit(Field{.name = "skip_bad", .help = "go on without bad label rows and entries of lists"},
          self.skip_bad);
    visit(Field{.name = "overwrite", .help = "replace these files in the folder"}, self.overwrite);
  }
};

/// Of `dataset check`.
struct CheckOptions {
  std::string data;
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    auto data = data_field();
    data.place = Field::positional;
    data.required = true;
    data.help =
        "data set: data.yaml, COCO's JSON, .ndjson, or the folder of one of them; a classifier's: "
        "a folder a class in train/ and val/";
    visit(data, self.data);
    visit(threads_field(), self.threads);
  }
};

}  // namespace lotse::contract
