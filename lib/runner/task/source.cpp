#include "runner/task/source.h"

#include <filesystem>

#include "base/error.h"
#include "base/number.h"
#include "contract/options/shared.h"
#include "runner/device.h"
#include "runner/precision.h"

namespace lotse::runner::task {

using nlohmann::json;

namespace {

/// The text of a member; "" where there is none.
std::string text_in(const json& document, const char* name) {
  if (!document.is_object()) return "";
  const auto found = document.find(name);
  return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

json extra_file(const Graph& graph, const char* name) {
  const auto found = graph.extra.find(name);
  if (found == graph.extra.end()) return {};
  return json::parse(found->second, nullptr, false);
}

[[noreturn]] void wrong(const std::string& file, const std::string& what,
                        const std::string& hint = "") {
  throw base::Error({{file, what, hint}});
}

constexpr int64_t most_examples = 4096;

/// What weights say, in our files as text, in the field's .pt as a number among the options.
std::optional<int64_t> trained_side(const json& metadata) {
  if (const auto text = text_in(metadata, "imgsz"); !text.empty()) return base::to_integer(text);
  const auto options = metadata.find("train_args");
  if (options == metadata.end() || !options->is_object()) return {};
  const auto found = options->find("imgsz");
  if (found == options->end() || !found->is_number_integer()) return {};
  return found->get<int64_t>();
}

}  // namespace

std::string Source::task() const {
  if (weights) return text_in(weights->metadata, "task");
  if (!graph) return "";
  // A file of Lotse's that does not say it was written when all of them were detectors.
  if (const auto ours = own_metadata(); !ours.empty())
    return ours.contains("task") ? text_in(ours, "task") : "detect";
  return text_in(extra_file(*graph, "config.txt"), "task");
}

json Source::own_metadata() const {
  const auto document = graph ? extra_file(*graph, export_metadata) : json();
  return document.is_object() ? document : json::object();
}

int64_t side_for(const Source& source, int64_t wanted, int64_t standard) {
  if (wanted != 0) return wanted;
  const auto said = source.weights ? trained_side(source.weights->metadata) : std::nullopt;
  const bool usable = said && *said >= 32 && *said <= contract::max_imgsz && *said % 32 == 0;
  return usable ? *said : standard;
}

ModelInfo weights_info(const Source& source, const contract::EngineOptions& options) {
  ModelInfo info;
  info.source = source.given;
  info.fresh = source.is_name();
  info.device = choose_device(options.device);
  info.precision = choose_precision(options.precision, info.device, "fp16");
  return info;
}

ModelInfo foreign_info(const Source& source, int64_t batch) {
  ModelInfo info;
  info.source = source.given;
  info.architecture = "foreign";
  info.device = source.graph->device;
  info.exported = true;
  info.batch = batch;
  return info;
}

ModelInfo exported_info(const Source& source) {
  ModelInfo info;
  info.about = source.own_metadata();
  info.source = source.given;
  info.task = source.task();
  info.device = source.graph->device;
  info.exported = true;
  try {
    info.architecture = info.about.at("architecture").get<std::string>();
    info.precision = info.about.at("precision").get<std::string>();
    info.batch = info.about.at("batch").get<int64_t>();
  } catch (const json::exception&) {
    wrong(source.given, "does not say what it is: architecture, precision, batch", export_hint);
  }
  if (info.batch < 1 || info.batch > most_examples)
    wrong(source.given, "says nonsense about itself");
  for (const auto* general :
       {"format", "task", "architecture", "precision", "batch", "inputs", "outputs"})
    info.about.erase(general);
  return info;
}

void check_exported_precision(const ModelInfo& info, const std::string& wanted) {
  if (wanted != "auto" && wanted != info.precision && wanted != "fp32")
    wrong(info.source, "was exported in " + info.precision);
  warn_if_emulated(info.precision, info.device, "export it again with --precision fp32");
}

Source read_source(const std::string& given) {
  Source source;
  source.given = given;
  const std::filesystem::path path(given);
  if (std::filesystem::exists(path)) {
    source.weights = checkpoint::read(path);
  } else if (path.extension() == ".pt" || path.extension() == ".safetensors" ||
             given.find('/') != std::string::npos) {
    throw base::Error(base::ErrorKind::invalid, given + ": there is no such file");
  }
  return source;
}

}  // namespace lotse::runner::task
