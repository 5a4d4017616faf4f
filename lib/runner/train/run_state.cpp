#include "runner/train/run_state.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/model/tensors.h"

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

}  // namespace

void write_run_state(const std::filesystem::path& path, const NamedTensors& tensors,
                     const json& identity, const RunState& state) {
  const json numbers = {{"epoch", state.epoch}, {"batch", state.batch},
                        {"steps", state.steps}, {"best_epoch", state.best_epoch},
                        {"best", state.best},   {"best_map50", state.best_map50},
                        {"map50", state.map50}, {"map50_95", state.map50_95}};
  model::write_tensors(
      path, tensors,
      {{"format", "lotse training 1"}, {"identity", identity.dump()}, {"state", numbers.dump()}});
}

std::optional<RunState> read_run_state(const std::filesystem::path& path,
                                       const NamedTensors& tensors, const json& identity,
                                       const json& defaults) {
  if (!std::filesystem::exists(path)) return {};
  const auto file = model::read_tensors(path);
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
    state = {numbers.at("epoch"),      numbers.at("batch"),   numbers.at("steps"),
             numbers.at("best_epoch"), numbers.at("best"),    numbers.at("best_map50"),
             numbers.at("map50"),      numbers.at("map50_95")};
  } catch (const json::exception&) {
    throw wrong("its numbers are damaged");
  }
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, tensor] : tensors) tensor.copy_(file.tensors.at(name));
  return state;
}

}  // namespace lotse::runner::train
