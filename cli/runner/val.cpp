#include <utility>

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "runner/device.h"
#include "runner/infer/open.h"
#include "runner/val/gate.h"

namespace lotse::cli::runner {

namespace {

namespace infer = lotse::runner::infer;
namespace task = lotse::runner::task;
namespace val = lotse::runner::val;
using base::cat;
using contract::ValOptions;
using nlohmann::json;

json to_json(const val::Metrics& metrics) {
  json all;
  for (const auto& [name, value] : metrics) all[name] = value;
  return all;
}

/// How good the model of --not-below is.
task::Evaluation judge_earlier(ValOptions options, const task::Family& family,
                               task::Evaluator& evaluator, json& compared, Output& output) {
  const auto newer = std::exchange(options.model, options.not_below);
  const auto earlier = infer::open_model(families(), options);
  const auto& info = earlier.model->info();
  if (&earlier.family != &family)
    throw base::Error({{"--not-below",
                        cat(info.source, " is for the task '", earlier.family.task(), "', ", newer,
                            " for '", family.task(), "'"),
                        "Only models for the same task can be compared."}});
  print_start("val", info, output);
  auto evaluation = evaluator.evaluate(*earlier.model);
  compared = {{"model", info.source}, {"metrics", to_json(evaluation.metrics)}};
  return evaluation;
}

/// `good`: by what the model is good enough, or "".
void print_result(const task::ModelInfo& info, const task::Evaluation& evaluation,
                  const std::string& good, const json& compared, Output& output) {
  json fields = evaluation.details;
  fields["model"] = info.source;
  fields["metrics"] = to_json(evaluation.metrics);
  fields["compared"] = compared;
  output.print({"result", evaluation.text + (good.empty() ? "" : "\nGood enough: " + good),
                std::move(fields)});
}

}  // namespace

int run_val(const ValOptions& options, Output& output) {
  const task::Emit emit = [&](const contract::Event& event) { output.print(event); };
  task::Place place;
  place.threads = lotse::runner::set_threads(options.threads);
  place.emit = emit;
  const auto [family, model] = infer::open_model(families(), options);
  contract::check_task(options, family.task());
  auto limits = val::read_limits(options, family.metrics());
  const auto evaluator = family.make_evaluator(options, place);
  json compared;
  if (!options.not_below.empty()) {
    const auto metric = options.metric.empty() ? family.metrics().back() : options.metric;
    const auto earlier = judge_earlier(options, family, *evaluator, compared, output);
    for (const auto& [name, value] : earlier.metrics)
      if (name == metric)
        limits.push_back({name, value - options.by, cat("--not-below ", options.not_below)});
  }
  print_start("val", model->info(), output);
  const auto evaluation = evaluator->evaluate(*model);
  std::vector<std::string> reached, short_of;
  for (const auto& limit : limits) {
    const auto stands = val::standing(limit, evaluation.metrics);
    (stands.reached ? reached : short_of).push_back(stands.text);
  }
  const auto good = short_of.empty() ? base::join(reached, "; ") : "";
  print_result(model->info(), evaluation, good, compared, output);
  if (short_of.empty()) return contract::exit_done;
  throw base::Error(base::ErrorKind::failed,
                    cat(model->info().source, " is not good enough: ", base::join(short_of, "; ")));
}

}  // namespace lotse::cli::runner
