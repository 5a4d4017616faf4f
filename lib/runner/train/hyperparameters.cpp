#include "runner/train/hyperparameters.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::train {

using base::cat;
using contract::TrainOptions;
using nlohmann::json;

void check_options(const TrainOptions& options, int64_t world_size) {
  base::Diagnostics problems;
  if (options.batch == 0)
    problems.push_back({"batch", "is 0: at least 1, or -1 for what fits into a GPU's memory", ""});
  if (options.batch < 0 && world_size > 1)
    problems.push_back({"batch", cat("is found out (-1) by one rank alone, not by ", world_size),
                        "Say how many images a step has."});
  if (options.batch > 0 && options.batch % world_size != 0)
    problems.push_back(
        {"batch", cat("is ", options.batch, ", which ", world_size, " ranks cannot share evenly"),
         "batch counts the images of all ranks."});
  if (options.resume && options.overwrite)
    problems.push_back({"overwrite", "and resume exclude each other", ""});
  base::throw_if_any(std::move(problems));
}

void check_options_on(const TrainOptions& options, const torch::Device& device) {
  if (options.batch < 0 && device.is_cpu())
    throw base::Error({{"batch", "is found out (-1) by a GPU's memory, and this is a CPU",
                        "Say how many images a step has; 16 is the default."}});
}

const char* rule_name(Rule rule) {
  return rule == Rule::adamw ? "adamw" : rule == Rule::musgd ? "musgd" : "sgd";
}

contract::Event hyperparameters(const TrainOptions& options, const Schedule& schedule,
                                const std::string& task) {
  auto used = options;
  used.optimizer = rule_name(schedule.rule);
  used.lr0 = schedule.lr0;
  used.momentum = schedule.momentum;
  used.warmup_momentum = schedule.warmup_momentum;
  used.warmup_bias_lr = schedule.warmup_bias_rate;
  used.warmup_epochs =
      std::min(options.warmup_epochs, static_cast<double>(std::max<int64_t>(0, used.epochs - 1)));
  json all = {
      {"batch", used.batch}, {"imgsz", used.imgsz}, {"epochs", used.epochs}, {"seed", used.seed}};
  std::vector<std::string> lines = {cat("Run: epochs ", used.epochs, ", batch ", used.batch,
                                        ", imgsz ", used.imgsz, ", seed ", used.seed)};
  std::string group;
  TrainOptions::fields(used, [&](const contract::Field& field, const auto& member) {
    if (std::string(field.group).empty() || !contract::is_for(field, task)) return;
    all[field.name] = member;
    const bool first = group != field.group;
    if (first) lines.push_back(cat(field.group, ": "));
    group = field.group;
    const auto value = json(member);
    lines.back() += cat(first ? "" : ", ", field.name, " ",
                        value.is_string() ? value.template get<std::string>() : value.dump());
  });
  return {"hyperparameters", base::join(lines, "\n"), {{"hyperparameters", all}}};
}

}  // namespace lotse::runner::train
