#include "runner/train/run_state.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::train {

using nlohmann::json;

namespace {

void check_identity(const std::string& file, const json& before, const json& now,
                    const json& defaults) {
  base::Diagnostics problems;
  for (const auto& [key, value] : now.items())
    if (const json was = before.value(key, defaults.value(key, json())); was != value)
      problems.push_back(
          {file, base::cat(key, " was ", was.dump(), ", now it is ", value.dump()),
           "A run goes on with the options it began with; a new one takes another --output, or "
           "--overwrite."});
  base::throw_if_any(std::move(problems));
}

std::string best_name(const std::vector<std::string>& metrics, size_t i) {
  return i + 1 == metrics.size() ? "best" : "best_" + metrics[i];
}

}  // namespace

void write_run_state(const std::filesystem::path& path, const NamedTensors& tensors,
                     const json& identity, const std::vector<std::string>& metrics,
                     const RunState& state) {
  json numbers = {{"epoch", state.epoch},
                  {"batch", state.batch},
                  {"steps", state.steps},
                  {"best_epoch", state.best_epoch}};
  for (size_t i = 0; i < metrics.size(); ++i) {
    numbers[metrics[i]] = state.latest.at(i);
    numbers[best_name(metrics, i)] = state.best.at(i);
  }
  nn::write_tensors(
      path, tensors,
      {{"format", "lotse training 1"}, {"identity", identity.dump()}, {"state", numbers.dump()}});
}

std::optional<RunState> read_run_state(const std::filesystem::path& path,
                                       const NamedTensors& tensors, const json& identity,
                                       const std::vector<std::string>& metrics,
                                       const json& defaults) {
  if (!std::filesystem::exists(path)) return {};
  const auto file = nn::read_tensors(path);
  const auto wrong = [&](const std::string& what) {
    return base::Error(base::ErrorKind::invalid, path.string() + ": " + what,
                       "--overwrite starts over, another --output keeps what is there.");
  };
  const auto text = [&](const char* key) {
    const auto found = file.metadata.find(key);
    auto parsed =
        found == file.metadata.end() ? json() : json::parse(found->second, nullptr, false);
    if (!parsed.is_object())
      throw wrong(base::cat("has no '", key, "': it is not the state of a run"));
    return parsed;
  };
  check_identity(path.string(), text("identity"), identity, defaults);
  for (const auto& [name, tensor] : tensors) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end() || found->second.sizes() != tensor.sizes())
      throw wrong("has no tensor '" + name + "' of the right shape");
  }
  const auto numbers = text("state");
  RunState state;
  try {
    state = {numbers.at("epoch"),
             numbers.at("batch"),
             numbers.at("steps"),
             numbers.at("best_epoch"),
             {},
             {}};
    for (size_t i = 0; i < metrics.size(); ++i) {
      state.latest.push_back(numbers.at(metrics[i]));
      state.best.push_back(numbers.at(best_name(metrics, i)));
    }
  } catch (const json::exception&) {
    throw wrong("its numbers are damaged");
  }
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : tensors) tensor.copy_(file.tensors.at(name));
  return state;
}

std::optional<int64_t> batch_of_run(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return {};
  const auto metadata = nn::read_tensors(path).metadata;
  const auto found = metadata.find("identity");
  if (found == metadata.end()) return {};
  const auto identity = json::parse(found->second, nullptr, false);
  const bool says =
      identity.is_object() && identity.contains("batch") && identity["batch"].is_number_integer();
  return says ? std::optional(identity["batch"].get<int64_t>()) : std::nullopt;
}

}  // namespace lotse::runner::train
