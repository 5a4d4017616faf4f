#include "workload/fit.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/strings.h"
#include "object/member.h"

namespace lotse::workload {

using object::at;
using object::list_at;
using object::Quantity;
using object::text_at;

namespace {

Resources resources_in(const json& amounts) {
  Resources found;
  if (!amounts.is_object()) return found;
  for (const auto& [name, amount] : amounts.items())
    if (amount.is_string())
      if (const auto quantity = Quantity::try_parse(amount.get_ref<const std::string&>()))
        found[name] = *quantity;
  return found;
}

/// A limit stands in for a request that is not there.
Resources requests_of_container(const json& container) {
  auto wanted = resources_in(at(container, {"resources", "limits"}));
  for (const auto& [name, amount] : resources_in(at(container, {"resources", "requests"})))
    wanted[name] = amount;
  return wanted;
}

void add(const Resources& more, Resources& to) {
  for (const auto& [name, amount] : more) to[name] += amount;
}

void raise(const Resources& least, Resources& to) {
  for (const auto& [name, amount] : least) to[name] = std::max(to[name], amount);
}

bool matches(const json& requirement, const json& labels) {
  const auto key = text_at(requirement, {"key"}), rule = text_at(requirement, {"operator"});
  const auto label = text_at(labels, {key.c_str()});
  const bool there = at(labels, {key.c_str()}).is_string();
  const auto& values = list_at(requirement, {"values"});
  const bool listed = there && std::find(values.begin(), values.end(), json(label)) != values.end();
  if (rule == "Exists") return there;
  if (rule == "DoesNotExist") return !there;
  if (rule == "NotIn") return !listed;
  if (rule == "In") return listed;
  if (!there || values.empty() || !values[0].is_string()) return false;
  const auto number = std::atoll(label.c_str());
  const auto bound = std::atoll(values[0].get_ref<const std::string&>().c_str());
  return rule == "Gt" ? number > bound : number < bound;
}

/// As a selector writes it: "zone=b", "zone in (b,c)", "!zone", "cores>4".
std::string as_selector(const json& requirement) {
  auto key = text_at(requirement, {"key"});
  const auto rule = text_at(requirement, {"operator"});
  std::vector<std::string> values;
  for (const auto& value : list_at(requirement, {"values"}))
    if (value.is_string()) values.push_back(value.get<std::string>());
  const auto listed = base::join(values, ",");
  if (rule == "Exists") return key;
  if (rule == "DoesNotExist") return "!" + key;
  if (rule == "NotIn") return base::cat(key, " notin (", listed, ")");
  if (rule == "In")
    return values.size() == 1 ? base::cat(key, "=", listed) : base::cat(key, " in (", listed, ")");
  return base::cat(key, rule == "Gt" ? ">" : "<", listed);
}

/// Which of these requirements the labels do not meet: "zone=b (has a)".
std::vector<std::string> unmet(const json::array_t& requirements, const json& labels) {
  std::vector<std::string> found;
  for (const auto& requirement : requirements) {
    if (matches(requirement, labels)) continue;
    const json& its = at(labels, {text_at(requirement, {"key"}).c_str()});
    found.push_back(as_selector(requirement) +
                    (its.is_string() ? base::cat(" (has ", its.get<std::string>(), ")") : ""));
  }
  return found;
}

/// The labels that the pod asks for and the node has not; of several terms those of the one that is
/// nearest.
std::vector<std::string> unmet_labels(const json& pod, const json& node) {
  const json& labels = at(node, {"metadata", "labels"});
  const json& selector = at(pod, {"spec", "nodeSelector"});
  json::array_t wanted;
  if (selector.is_object())
    for (const auto& [key, value] : selector.items())
      wanted.push_back({{"key", key}, {"operator", "In"}, {"values", json::array({value})}});
  auto found = unmet(wanted, labels);
  std::optional<std::vector<std::string>> nearest;
  for (const auto& term :
       list_at(pod, {"spec", "affinity", "nodeAffinity",
                     "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"})) {
    auto lacks = unmet(list_at(term, {"matchExpressions"}), labels);
    if (!nearest || lacks.size() < nearest->size()) nearest = std::move(lacks);
  }
  if (nearest) found.insert(found.end(), nearest->begin(), nearest->end());
  return found;
}

bool is_tolerated(const json& taint, const json& pod) {
  const auto& tolerations = list_at(pod, {"spec", "tolerations"});
  return std::any_of(tolerations.begin(), tolerations.end(), [&](const json& toleration) {
    const auto effect = text_at(toleration, {"effect"}), key = text_at(toleration, {"key"});
    if (!effect.empty() && effect != text_at(taint, {"effect"})) return false;
    if (!key.empty() && key != text_at(taint, {"key"})) return false;
    const bool exists = text_at(toleration, {"operator"}) == "Exists";
    return exists || (!key.empty() && text_at(toleration, {"value"}) == text_at(taint, {"value"}));
  });
}

/// Cores with a decimal, bytes in the unit that fits, all else in whole numbers.
std::string in_words(const std::string& resource, const Quantity& amount) {
  if (resource == "cpu") {
    const auto milli = amount.milli_value();
    return milli % 1000 == 0 ? base::cat(milli / 1000) : base::cat(milli, "m");
  }
  const bool bytes =
      resource == "memory" || resource == "ephemeral-storage" || resource.starts_with("hugepages-");
  const auto value = amount.value();
  if (!bytes || value < 1024) return base::cat(value);
  constexpr const char* units[] = {"Ki", "Mi", "Gi", "Ti"};
  double scaled = static_cast<double>(value) / 1024;
  size_t unit = 0;
  while (scaled >= 1024 && unit + 1 < std::size(units)) scaled /= 1024, ++unit;
  return base::fixed(scaled, scaled < 10 ? 1 : 0) + units[unit];
}

/// How far away a node is: obstacles that no waiting removes count more than a lack of room.
struct Distance {
  int rules = 0, lacks = 0;
  double part = 0;  ///< the largest part of a request that is missing
  auto operator<=>(const Distance&) const = default;
};

}  // namespace

bool is_on_a_node(const json& pod) {
  const auto phase = text_at(pod, {"status", "phase"});
  return phase != "Succeeded" && phase != "Failed" && !text_at(pod, {"spec", "nodeName"}).empty();
}

Resources requests_of(const json& pod) {
  Resources running, sidecars, starting;
  for (const auto& container : list_at(pod, {"spec", "containers"}))
    add(requests_of_container(container), running);
  for (const auto& container : list_at(pod, {"spec", "initContainers"})) {
    auto wanted = requests_of_container(container);
    if (text_at(container, {"restartPolicy"}) == "Always") {
      add(wanted, sidecars);
      raise(sidecars, starting);
    } else {
      add(sidecars, wanted);
      raise(wanted, starting);
    }
  }
  add(sidecars, running);
  raise(starting, running);
  add(resources_in(at(pod, {"spec", "overhead"})), running);
  running["pods"] = Quantity::parse("1");
  return running;
}

void Occupied::add(const json& pod) {
  if (is_on_a_node(pod))
    workload::add(requests_of(pod), nodes_[text_at(pod, {"spec", "nodeName"})]);
}

const Resources& Occupied::on(const std::string& node) const {
  static const Resources nothing;
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nothing : found->second;
}

std::vector<std::vector<std::string_view>> unread_of_pods_elsewhere() {
  std::vector<std::vector<std::string_view>> unread = {{"metadata"},
                                                       {"spec", "volumes"},
                                                       {"spec", "tolerations"},
                                                       {"spec", "affinity"},
                                                       {"status", "conditions"},
                                                       {"status", "containerStatuses"},
                                                       {"status", "hostIPs"},
                                                       {"status", "podIPs"},
                                                       {"status", "initContainerStatuses"},
                                                       {"spec", "nodeSelector"}};
  for (const auto* list : {"containers", "initContainers"})
    for (const auto* part : {"args", "command", "env", "envFrom", "lifecycle", "livenessProbe",
                             "ports", "readinessProbe", "startupProbe", "volumeMounts"})
      unread.push_back({"spec", list, part});
  return unread;
}

std::vector<std::vector<std::string_view>> unread_of_nodes() {
  std::vector<std::vector<std::string_view>> unread = {
      {"metadata", "managedFields"}, {"metadata", "annotations"},   {"status", "addresses"},
      {"status", "capacity"},        {"status", "volumesInUse"},    {"status", "volumesAttached"},
      {"status", "daemonEndpoints"}, {"status", "runtimeHandlers"}, {"status", "features"}};
  for (const auto* part : {"lastHeartbeatTime", "lastTransitionTime", "message", "reason"})
    unread.push_back({"status", "conditions", part});
  return unread;
}

std::vector<Miss> misses(const json& pod, const std::vector<json>& nodes,
                         const Occupied& occupied) {
  const auto wanted = requests_of(pod);
  std::vector<std::pair<Distance, Miss>> found;
  for (const auto& node : nodes) {
    Distance distance;
    Miss miss{text_at(node, {"metadata", "name"}), {}};
    const auto rule = [&](std::string obstacle) {
      miss.obstacles.push_back(std::move(obstacle));
      ++distance.rules;
    };
    if (const auto labels = unmet_labels(pod, node); !labels.empty()) {
      rule("has not the labels that are asked for: " + base::join(labels, "; "));
      distance.rules += static_cast<int>(labels.size()) - 1;
    }
    if (at(node, {"spec", "unschedulable"}) == true) rule("is cordoned");
    for (const auto& taint : list_at(node, {"spec", "taints"})) {
      const auto key = text_at(taint, {"key"}), effect = text_at(taint, {"effect"});
      const bool told = key == "node.kubernetes.io/unschedulable";
      if (!told && effect != "PreferNoSchedule" && !is_tolerated(taint, pod))
        rule("has the taint " + key +
             (text_at(taint, {"value"}).empty() ? "" : "=" + text_at(taint, {"value"})));
    }
    auto free = resources_in(at(node, {"status", "allocatable"}));
    for (const auto& [name, amount] : occupied.on(miss.node)) free[name] -= amount;
    for (const auto& [name, amount] : wanted) {
      if (amount <= free[name]) continue;
      auto missing = amount;
      missing -= std::max(free[name], Quantity());
      miss.obstacles.push_back(
          base::cat("lacks ", in_words(name, missing), " of ", in_words(name, amount), " ", name));
      ++distance.lacks;
      distance.part = std::max(distance.part, static_cast<double>(missing.milli_value()) /
                                                  static_cast<double>(amount.milli_value()));
    }
    found.emplace_back(distance, std::move(miss));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Miss> result;
  for (auto& [distance, miss] : found) result.push_back(std::move(miss));
  return result;
}

std::string to_string(const Miss& miss) {
  return miss.node + " " +
         (miss.obstacles.empty() ? "has room now" : base::join(miss.obstacles, ", "));
}

}  // namespace lotse::workload
