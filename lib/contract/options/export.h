#pragma once
#include "contract/options/predict.h"

namespace lotse::contract {

struct ExportOptions : EngineOptions {
  std::string format = "torchscript";
  std::string output;
  int64_t batch = 1;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "model",
                .help = "weights file (.safetensors, .pt) or an architecture's name",
                .place = Field::positional,
                .required = true,
                .file = Field::in},
          self.model);
    visit(
        Field{.name = "format", .help = "format of the exported model", .choices = {"torchscript"}},
        self.format);
    visit(Field{.name = "output",
                .help = "file to write; default: beside the model, with the format's ending",
                .file = Field::out},
          self.output);
    visit(imgsz_field("image side in pixels, a multiple of 32; 0: as it was trained with"),
          self.imgsz);
    visit(Field{.name = "batch", .help = "images a call", .minimum = 1}, self.batch);
    visit(fresh_seed_field(), self.seed);
    visit(head_field("o2o: end to end, o2m: one to many; auto: o2o where the model has it"),
          self.head);
    visit(precision_field("number format of the weights; auto: the fastest here",
                          {"fp32", "bf16", "auto"}),
          self.precision);
    ComputeOptions::fields(self, visit);
  }
};

}  // namespace lotse::contract
