#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

/// The run configuration: one struct a mode, whose members own the defaults. `fields` names each
/// member once; JSON keys, the runner's flags and the tests of the templates' schemas come from it.
namespace lotse::contract {

/// How an option appears outside.
struct Field {
  enum Place { flag, positional };
  const char* name;  ///< JSON key; the flag is "--" + name with '_' as '-'
  const char* help;
  Place place = flag;
  bool required = false;
  std::vector<std::string> choices = {};  ///< allowed values, if not empty
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
};

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
  bool log_steps = false;
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{"model",
                "weights file (.safetensors, .pt) or an architecture's name such as yolo26n"},
          self.model);
    visit(Field{"data", "data.yaml of a data set in YOLO format", Field::flag, true}, self.data);
    visit(Field{"output", "folder for checkpoints and results"}, self.output);
    visit(Field{"epochs", "passes over the training set", {}, {}, {}, 1}, self.epochs);
    visit(Field{"batch", "images a step, over all ranks", {}, {}, {}, 1}, self.batch);
    visit(Field{"nominal_batch",
                "images between optimizer steps: gradients accumulate up to it",
                {},
                {},
                {},
                1},
          self.nominal_batch);
    visit(Field{"imgsz", "image side in pixels, a multiple of 32", {}, {}, {}, 32}, self.imgsz);
    visit(Field{"seed", "seed of weights, order and augmentation", {}, {}, {}, 0}, self.seed);
    visit(Field{"optimizer",
                "auto: MuSGD for long runs, AdamW for short ones",
                {},
                {},
                {"auto", "musgd", "sgd", "adamw"}},
          self.optimizer);
    visit(Field{"lr0", "first learning rate (not with --optimizer auto)", {}, {}, {}, 0}, self.lr0);
    visit(Field{"lrf", "last learning rate as a part of the first", {}, {}, {}, 0}, self.lrf);
    visit(Field{"momentum",
                "momentum, or beta1 of AdamW (not with --optimizer auto)",
                {},
                {},
                {},
                0,
                1},
          self.momentum);
    visit(Field{"weight_decay", "weight decay at the nominal batch", {}, {}, {}, 0},
          self.weight_decay);
    visit(Field{"warmup_epochs", "epochs of rising learning rate", {}, {}, {}, 0},
          self.warmup_epochs);
    visit(Field{"cosine", "learning rate falls by a cosine instead of a line"}, self.cosine);
    visit(Field{"ema_tau", "updates over which the averaged weights warm up", {}, {}, {}, 1},
          self.ema_tau);
    visit(Field{"mosaic", "probability of joining four images", {}, {}, {}, 0, 1}, self.mosaic);
    visit(Field{"close_mosaic", "last epochs without mosaic", {}, {}, {}, 0}, self.close_mosaic);
    visit(Field{"scale", "random zoom by up to this part", {}, {}, {}, 0, 1}, self.scale);
    visit(Field{"translate", "random shift by up to this part of the side", {}, {}, {}, 0, 1},
          self.translate);
    visit(Field{"hsv_h", "random change of hue, a part of the circle", {}, {}, {}, 0, 1},
          self.hsv_h);
    visit(Field{"hsv_s", "random change of saturation", {}, {}, {}, 0, 1}, self.hsv_s);
    visit(Field{"hsv_v", "random change of brightness", {}, {}, {}, 0, 1}, self.hsv_v);
    visit(Field{"fliplr", "probability of a mirror image", {}, {}, {}, 0, 1}, self.fliplr);
    visit(Field{"patience",
                "epochs without a better mAP50-95 before stopping; 0: never",
                {},
                {},
                {},
                0},
          self.patience);
    visit(Field{"val_interval",
                "epochs between validations; the last epoch is always validated",
                {},
                {},
                {},
                1},
          self.val_interval);
    visit(Field{"max_steps", "stop after this many optimizer steps; 0: no limit", {}, {}, {}, 0},
          self.max_steps);
    visit(Field{"eval_batch_norm", "batch norm uses its running statistics, frozen"},
          self.eval_batch_norm);
    visit(Field{"resume", "go on from the last checkpoint in the output folder"}, self.resume);
    visit(Field{"log_steps", "print the loss of every optimizer step"}, self.log_steps);
    visit(Field{"precision", "number format of the forward pass", {}, {}, {"fp32", "bf16"}},
          self.precision);
    visit(Field{"device", "auto, cpu, cuda or cuda:N"}, self.device);
    visit(Field{"threads", "compute threads; 0: the CPU limit, else all cores", {}, {}, {}, 0},
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
    visit(Field{"model", "weights file (.safetensors, .pt) or an architecture's name",
                Field::positional, true},
          self.model);
    visit(Field{"format", "format of the exported model", {}, {}, {"torchscript"}}, self.format);
    visit(Field{"output", "file to write; default: beside the model, with the format's ending"},
          self.output);
    visit(Field{"imgsz", "image side in pixels, a multiple of 32", {}, {}, {}, 32}, self.imgsz);
    visit(Field{"batch", "images a call", {}, {}, {}, 1}, self.batch);
    visit(Field{"seed", "seed of fresh weights", {}, {}, {}, 0}, self.seed);
    visit(Field{"head",
                "o2o: end to end, o2m: one to many; auto: o2o where the model has it",
                {},
                {},
                {"auto", "o2o", "o2m"}},
          self.head);
    visit(Field{"precision", "number format of the weights", {}, {}, {"fp32", "bf16"}},
          self.precision);
    visit(Field{"device", "auto, cpu, cuda or cuda:N"}, self.device);
    visit(Field{"threads", "compute threads; 0: the CPU limit, else all cores", {}, {}, {}, 0},
          self.threads);
  }
};

struct InferOptions {
  std::string model;
  std::vector<std::string> source;
  double conf = 0.25;
  double iou = 0.7;
  int64_t max_det = 300;
  std::vector<int64_t> classes;
  int64_t imgsz = 640;
  int64_t batch = 1;
  int64_t seed = 0;
  std::string save;
  std::string head = "auto";
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{"model", "weights file, exported model, or an architecture's name",
                Field::positional, true},
          self.model);
    visit(Field{"source", "pictures (JPEG, PNG, WebP), folders or globs", Field::positional, true},
          self.source);
    visit(Field{"conf", "least confidence", {}, {}, {}, 0, 1}, self.conf);
    visit(Field{"iou", "overlap above which the weaker box goes (o2m head)", {}, {}, {}, 0, 1},
          self.iou);
    visit(Field{"max_det", "most detections a picture", {}, {}, {}, 1}, self.max_det);
    visit(Field{"classes", "only these class ids", {}, {}, {}, 0}, self.classes);
    visit(Field{"imgsz", "longer image side in pixels, a multiple of 32", {}, {}, {}, 32},
          self.imgsz);
    visit(Field{"batch", "pictures of the same shape taken together", {}, {}, {}, 1}, self.batch);
    visit(Field{"seed", "seed of fresh weights", {}, {}, {}, 0}, self.seed);
    visit(Field{"save", "folder for annotated pictures"}, self.save);
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

struct ServeOptions {
  std::string model;
  std::string name = "model";
  std::string host = "0.0.0.0";
  int64_t port = 8080;
  double conf = 0.25;
  double iou = 0.7;
  int64_t max_det = 300;
  int64_t imgsz = 640;
  int64_t seed = 0;
  double drain_seconds = 5;
  std::string head = "auto";
  std::string precision = "fp32";
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{"model", "weights file, exported model, or an architecture's name",
                Field::positional, true},
          self.model);
    visit(Field{"name", "the model's name in the protocol's paths"}, self.name);
    visit(Field{"host", "address to listen on"}, self.host);
    visit(Field{"port",
                "port to listen on; LOTSE_PORT_HTTP goes before it; 0: a free one",
                {},
                {},
                {},
                0,
                65535},
          self.port);
    visit(Field{"conf", "least confidence", {}, {}, {}, 0, 1}, self.conf);
    visit(Field{"iou", "overlap above which the weaker box goes (o2m head)", {}, {}, {}, 0, 1},
          self.iou);
    visit(Field{"max_det", "most detections a picture", {}, {}, {}, 1}, self.max_det);
    visit(Field{"imgsz", "longer image side in pixels, a multiple of 32", {}, {}, {}, 32},
          self.imgsz);
    visit(Field{"seed", "seed of fresh weights", {}, {}, {}, 0}, self.seed);
    visit(Field{"drain_seconds",
                "after SIGTERM: not ready but still answering for this long",
                {},
                {},
                {},
                0},
          self.drain_seconds);
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

struct InspectOptions {
  std::string model;
  int64_t seed = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{"model", "weights file or an architecture's name", Field::positional, true},
          self.model);
    visit(Field{"seed", "seed of fresh weights", {}, {}, {}, 0}, self.seed);
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
    visit(Field{"model", "weights file or an architecture's name", Field::positional, true},
          self.model);
    visit(Field{"input", "safetensors file with the tensor 'images': N x 3 x H x W, float, 0 to 1",
                Field::flag, true},
          self.input);
    visit(Field{"output", "safetensors file for the raw outputs of the heads", Field::flag, true},
          self.output);
    visit(Field{"seed", "seed of fresh weights", {}, {}, {}, 0}, self.seed);
    visit(Field{"fused", "fold batch norm into the convolutions first"}, self.fused);
    visit(Field{"threads", "compute threads; 0: the CPU limit, else all cores", {}, {}, {}, 0},
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
    visit(Field{"kind", "which data set", Field::positional, true, {"shapes"}}, self.kind);
    visit(Field{"folder", "folder to write it to", Field::positional, true}, self.folder);
    visit(Field{"seed", "seed of the pictures; the validation set uses another one", {}, {}, {}, 0},
          self.seed);
    visit(Field{"train_images", "pictures to train on", {}, {}, {}, 1}, self.train_images);
    visit(Field{"val_images", "pictures to validate on", {}, {}, {}, 1}, self.val_images);
    visit(Field{"imgsz", "side of the pictures in pixels", {}, {}, {}, 32}, self.imgsz);
  }
};

/// Which mode runs, and its options as JSON (those of the struct above that belongs to the mode).
struct RunConfiguration {
  std::string mode;
  nlohmann::json options = nlohmann::json::object();
};

/// {"mode": ..., "options": {...}}; mistakes name `where` (a file) and the key. Throws
/// Error(invalid).
RunConfiguration parse_run_configuration(const nlohmann::json& document, const std::string& where);
nlohmann::json to_json(const RunConfiguration& configuration);

namespace detail {
std::string field_problem(const Field& field, const nlohmann::json& value);
base::Diagnostics unknown_keys(const nlohmann::json& given, const std::vector<std::string>& known,
                               const std::string& where);
template <class T>
bool read(const nlohmann::json& value, T& into) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) return false;
  } else if constexpr (std::is_same_v<T, int64_t>) {
    if (!value.is_number_integer()) return false;
  } else if constexpr (std::is_same_v<T, double>) {
    if (!value.is_number()) return false;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) return false;
  } else {
    if (!value.is_array()) return false;
    T list;
    for (const auto& item : value) {
      typename T::value_type one{};
      if (!read(item, one)) return false;
      list.push_back(one);
    }
    into = list;
    return true;
  }
  if constexpr (!std::is_same_v<T, std::vector<std::string>> &&
                !std::is_same_v<T, std::vector<int64_t>>)
    into = value.get<T>();
  return true;
}
}  // namespace detail

/// The options of one mode out of JSON: absent keys keep their defaults; unknown keys, wrong types,
/// values out of range and missing required ones are one Error(invalid) naming `where` and each
/// key.
template <class Options>
Options options_from_json(const nlohmann::json& given, const std::string& where) {
  Options options;
  base::Diagnostics problems;
  std::vector<std::string> known;
  Options::fields(options, [&](const Field& field, auto& member) {
    known.emplace_back(field.name);
    const auto at = where.empty() ? std::string(field.name) : where + ": " + field.name;
    if (!given.contains(field.name)) {
      if (field.required) problems.push_back({at, "is required", ""});
      return;
    }
    const auto& value = given.at(field.name);
    if (!detail::read(value, member)) {
      problems.push_back({at, "has the wrong type: " + value.dump(), ""});
    } else if (const auto problem = detail::field_problem(field, value); !problem.empty()) {
      problems.push_back({at, problem, ""});
    }
  });
  for (auto& unknown : detail::unknown_keys(given, known, where)) problems.push_back(unknown);
  base::throw_if_any(std::move(problems));
  return options;
}

/// All options of one mode as JSON, defaults included.
template <class Options>
nlohmann::json options_to_json(const Options& options) {
  nlohmann::json result = nlohmann::json::object();
  Options::fields(options,
                  [&](const Field& field, const auto& member) { result[field.name] = member; });
  return result;
}

}  // namespace lotse::contract
