#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runner/classify/model.h"
#include "runner/classify/pictures.h"
#include "runner/task/family.h"

namespace lotse::runner::classify {

/// Judges classifiers by the part `val` of a data set.
class ClassEvaluator : public task::Evaluator {
 public:
  ClassEvaluator(const contract::ValOptions& options, const task::Place& place)
      : options_(options), place_(place) {}
  task::Evaluation evaluate(task::Model& model) override;

 private:
  void load(int64_t side);

  contract::ValOptions options_;
  task::Place place_;
  std::vector<std::string> names_;
  std::unique_ptr<Squares> squares_;
};

}  // namespace lotse::runner::classify
