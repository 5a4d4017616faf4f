#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/strings.h"

namespace lotse::runner::detect {

/// The ids of a COCO file as whole numbers, which is what the form asks for. Tools write 7.0 too,
/// which is 7, and texts, which are numbered from the least number on as they are met.
class CocoIds {
 public:
  std::optional<int64_t> at(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return {};
    if (found->is_string()) return number_of(found->get<std::string>());
    if (found->is_number_integer()) return found->get<int64_t>();
    constexpr double exact = 9007199254740992;  // 2^53
    const auto value = found->is_number() ? found->get<double>() : exact;
    if (std::abs(value) >= exact || value != std::floor(value)) return {};
    return static_cast<int64_t>(value);
  }

  /// For people; a text in quotes.
  std::string words(int64_t id) const {
    if (id >= least + static_cast<int64_t>(texts_.size())) return base::cat(id);
    return base::cat("'", texts_[static_cast<size_t>(id - least)], "'");
  }

 private:
  static constexpr auto least = std::numeric_limits<int64_t>::min();

  int64_t number_of(const std::string& text) {
    const auto [entry, fresh] = numbers_.emplace(text, least + static_cast<int64_t>(texts_.size()));
    if (fresh) texts_.push_back(text);
    return entry->second;
  }

  std::map<std::string, int64_t> numbers_;
  std::vector<std::string> texts_;
};

}  // namespace lotse::runner::detect
