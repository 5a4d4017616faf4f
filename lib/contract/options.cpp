#include "contract/options.h"

#include <map>

namespace lotse::contract {

namespace {

using List = std::vector<Option> (*)();

const std::map<std::string, List>& lists() {
  static const std::map<std::string, List> all{{"train", option_list<TrainOptions>},
                                               {"export", option_list<ExportOptions>},
                                               {"infer", option_list<InferOptions>},
                                               {"serve", option_list<ServeOptions>},
                                               {"bench", option_list<BenchOptions>},
                                               {"inspect", option_list<InspectOptions>},
                                               {"forward", option_list<ForwardOptions>},
                                               {"dataset shapes", option_list<ShapesOptions>},
                                               {"dataset check", option_list<CheckOptions>},
                                               {"dataset convert", option_list<ConvertOptions>},
                                               {"dataset split", option_list<SplitOptions>},
                                               {"val", option_list<ValOptions>}};
  return all;
}

}  // namespace

std::vector<std::string> modes() {
  std::vector<std::string> names;
  names.reserve(lists().size());
  for (const auto& [name, unused] : lists()) names.push_back(name);
  return names;
}

std::vector<Option> options_of(const std::string& mode) {
  const auto found = lists().find(mode);
  return found == lists().end() ? std::vector<Option>() : found->second();
}

}  // namespace lotse::contract
