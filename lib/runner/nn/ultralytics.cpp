#include "runner/nn/ultralytics.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::nn {

using nlohmann::json;

namespace {

[[noreturn]] void wrong(const std::string& file, const std::string& what,
                        const std::string& hint = "") {
  throw base::Error({{file, what, hint}});
}

}  // namespace

UltralyticsExport read_ultralytics(const std::string& file, const std::string& text,
                                   const std::string& hint) {
  try {
    const auto document = json::parse(text);
    const auto& arguments = document.value("args", json::object());
    if (arguments.value("half", false)) wrong(file, "was exported in fp16", hint);
    const auto sides = document.at("imgsz").get<std::vector<int64_t>>();
    if (sides.size() != 2 || sides[0] != sides[1])
      wrong(file, "takes pictures that are not square", hint);
    UltralyticsExport read;
    read.imgsz = sides[0];
    read.batch = document.at("batch").get<int64_t>();
    read.end_to_end = document.value("end2end", false) || arguments.value("nms", false);
    for (int64_t i = 0; i < static_cast<int64_t>(document.at("names").size()); ++i)
      read.names.push_back(document["names"].at(std::to_string(i)).get<std::string>());
    return read;
  } catch (const json::exception&) {
    wrong(file, "does not say what it is: names, size, head", hint);
  }
}

void check_sizes(const std::string& file, const std::vector<std::string>& names, int64_t imgsz,
                 int64_t batch, int64_t wanted) {
  constexpr int64_t most_pixels = int64_t{1} << 28;
  const bool sizes = batch >= 1 && batch <= 4096 && imgsz >= 32 && imgsz <= 16384 &&
                     batch * imgsz * imgsz <= most_pixels;
  if (!sizes || names.empty()) wrong(file, "says nonsense about itself");
  if (wanted != 0 && wanted != imgsz)
    wrong(file, base::cat("takes pictures of ", imgsz, " px, not ", wanted),
          "Export it again with --imgsz.");
}

}  // namespace lotse::runner::nn
