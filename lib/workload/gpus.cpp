#include "workload/gpus.h"

#include <algorithm>
#include <map>

#include "object/member.h"
#include "object/reference.h"
#include "workload/fit.h"

namespace lotse::workload {

namespace {

using object::at;
using object::text_at;

bool is_gpu(const std::string& resource) {
  const auto slash = resource.find('/');
  if (slash == std::string::npos) return false;
  const auto name = resource.substr(slash + 1);
  return name.find("gpu") != std::string::npos || name.starts_with("mig-");
}

std::string type_of(const json& node) {
  for (const char* label : {"nvidia.com/gpu.product", "amd.com/gpu.product-name"}) {
    auto type = text_at(node, {"metadata", "labels", label});
    if (!type.empty()) return type;
  }
  return "";
}

bool takes_pods(const json& node) {
  const json* ready = object::condition(node, "Ready");
  return at(node, {"spec", "unschedulable"}) != true && ready != nullptr &&
         text_at(*ready, {"status"}) == "True";
}

int64_t amount_of(const json& text) {
  if (!text.is_string()) return 0;
  const auto amount = object::Quantity::try_parse(text.get_ref<const std::string&>());
  return amount ? amount->value() : 0;
}

}  // namespace

std::vector<Gpus> gpus_of(const std::vector<json>& nodes, const Occupied& occupied) {
  std::map<std::pair<std::string, std::string>, Gpus> found;
  for (const auto& node : nodes) {
    const json& allocatable = at(node, {"status", "allocatable"});
    if (!allocatable.is_object()) continue;
    for (const auto& [resource, text] : allocatable.items()) {
      const auto total = amount_of(text);
      if (!is_gpu(resource) || total == 0) continue;
      auto& row = found[{type_of(node), resource}];
      row.type = type_of(node);
      row.resource = resource;
      const auto& used = occupied.on(object::name_of(node));
      const auto its = used.find(resource);
      const auto taken = its == used.end() ? 0 : its->second.value();
      const auto free = takes_pods(node) ? std::max<int64_t>(total - taken, 0) : 0;
      ++row.nodes;
      row.total += total;
      row.used += taken;
      row.free += free;
      row.largest = std::max(row.largest, free);
    }
  }
  std::vector<Gpus> rows;
  for (auto& [key, row] : found) rows.push_back(std::move(row));
  return rows;
}

}  // namespace lotse::workload
