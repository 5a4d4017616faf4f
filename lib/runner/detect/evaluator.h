#pragma once
#include <memory>
#include <string>
#include <vector>

#include "contract/options/val.h"
#include "runner/detect/pictures.h"
#include "runner/task/family.h"

namespace lotse::runner::detect {

/// Judges detectors by the part `val` of a data set, decoded as large as they take pictures.
class BoxEvaluator : public task::Evaluator {
 public:
  BoxEvaluator(const contract::ValOptions& options, const task::Place& place);
  task::Evaluation evaluate(task::Model& model) override;

 private:
  const Pictures& load(int64_t side);

  contract::ValOptions options_;
  task::Place place_;
  std::vector<std::string> names_;
  std::unique_ptr<Pictures> pictures_;
};

}  // namespace lotse::runner::detect
