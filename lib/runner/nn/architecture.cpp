#include "runner/nn/architecture.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::nn {

namespace {

struct Size {
  char letter;
  double depth;
  double width;
  int64_t max_channels;
};

constexpr Size modern[] = {{'n', 0.5, 0.25, 1024},
                           {'s', 0.5, 0.5, 1024},
                           {'m', 0.5, 1, 512},
                           {'l', 1, 1, 512},
                           {'x', 1, 1.5, 512}};
constexpr Size legacy[] = {{'n', 0.33, 0.25, 1024},
                           {'s', 0.33, 0.5, 1024},
                           {'m', 0.67, 0.75, 768},
                           {'l', 1, 1, 512},
                           {'x', 1, 1.25, 512}};

std::vector<Architecture> make_all() {
  std::vector<Architecture> all;
  const auto add = [&](const char* name, Family family, const auto& sizes) {
    for (const auto& size : sizes) {
      const bool large = family != Family::yolov8 && size.letter != 'n' && size.letter != 's';
      all.push_back({std::string(name) + size.letter, family, size.depth, size.width,
                     size.max_channels, large});
    }
  };
  add("yolo26", Family::yolo26, modern);
  add("yolo11", Family::yolo11, modern);
  add("yolov8", Family::yolov8, legacy);
  return all;
}

/// The name in lower case, without ".yaml".
std::string stem_of(const std::string& name) {
  auto stem = base::lower(name);
  if (stem.size() > 5 && stem.ends_with(".yaml")) stem.resize(stem.size() - 5);
  return stem;
}

}  // namespace

const std::vector<Architecture>& architectures() {
  static const auto all = make_all();
  return all;
}

const Architecture* find_architecture(const std::string& name,
                                      const std::vector<Architecture>& known) {
  const auto stem = stem_of(name);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.name == stem; });
  return found == known.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const std::vector<Architecture>& known) {
  std::vector<std::string> names;
  for (const auto& one : known) names.push_back(one.name);
  return names;
}

base::Error no_architecture(const std::string& name, const std::vector<std::string>& names) {
  const auto closest = base::closest(stem_of(name), names);
  return {base::ErrorKind::invalid, "no file and no architecture is named '" + name + "'",
          closest.empty() ? "Architectures: " + base::join(names, ", ") + "."
                          : "Did you mean '" + closest + "'?"};
}

const Architecture& architecture(const std::string& name, const std::vector<Architecture>& known) {
  if (const auto* found = find_architecture(name, known)) return *found;
  throw no_architecture(name, names_of(known));
}

}  // namespace lotse::runner::nn
