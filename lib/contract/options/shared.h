#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "contract/field.h"

/// Options that several modes have.
namespace lotse::contract {

/// The longest side of a network's input, in pixels: 8192 x 8192 takes gigabytes already.
inline constexpr double max_imgsz = 8192;

/// 0: what the family takes.
inline Field imgsz_field(const char* help) {
  return {.name = "imgsz", .help = help, .minimum = 0, .maximum = max_imgsz, .multiple_of = 32};
}

/// Of modes in which a model that is no file has random weights.
inline Field fresh_seed_field() {
  return {.name = "seed", .help = "seed of fresh weights", .minimum = 0};
}

inline Field precision_field(const char* help, std::vector<std::string> choices) {
  return {.name = "precision", .help = help, .choices = std::move(choices)};
}

inline Field threads_field() {
  return {
      .name = "threads", .help = "compute threads; 0: the CPU limit, else all cores", .minimum = 0};
}

/// Where a mode computes.
struct ComputeOptions {
  std::string device = "auto";
  int64_t threads = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "device", .help = "auto, cpu, cuda or cuda:N"}, self.device);
    visit(threads_field(), self.threads);
  }
};

/// How pictures that are read again and again are kept once they are decoded.
struct CacheOptions {
  std::string cache = "auto";
  std::string cache_folder;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit(Field{.name = "cache",
                .help = "keep decoded images: auto in memory if all fit into a quarter of what is "
                        "left, ram as many as fit into half, disk in --cache-folder",
                .choices = {"auto", "ram", "disk", "no"}},
          self.cache);
    visit(Field{.name = "cache_folder",
                .help = "folder for decoded images, which other runs may share",
                .file = Field::out},
          self.cache_folder);
  }
};

}  // namespace lotse::contract
