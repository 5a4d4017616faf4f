#include "action/images.h"

#include <algorithm>
#include <future>
#include <map>

#include "base/error.h"
#include "base/strings.h"
#include "image/docker_config.h"
#include "image/reference.h"
#include "image/registry.h"
#include "object/member.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::list_at;
using object::text_at;

constexpr std::chrono::milliseconds longest{2000};

/// What a registry said of an image.
struct Said {
  bool there = false;
  std::vector<std::string> architectures = {};
  std::string unknown = {};  ///< why it could not be asked
};

Said ask(const Cluster& cluster, const image::Reference& reference,
         std::chrono::steady_clock::time_point deadline) {
  try {
    const auto transport = cluster.outside();
    const auto login_for = [&](const std::string& registry) {
      return image::DockerConfig::of_the_user().login_for(registry, deadline);
    };
    const auto found = image::Registry(*transport, login_for, deadline).architectures_of(reference);
    return found ? Said{true, *found} : Said{};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    return {false, {}, error.what()};
  }
}

std::set<std::string> architectures_of(const std::vector<json>& nodes) {
  std::set<std::string> found;
  for (const auto& node : nodes)
    if (auto one = text_at(node, {"status", "nodeInfo", "architecture"}); !one.empty())
      found.insert(std::move(one));
  return found;
}

bool is_on_a_node(const image::Reference& reference, const std::vector<json>& nodes) {
  const auto name = to_string(reference);
  return std::any_of(nodes.begin(), nodes.end(), [&](const json& node) {
    const auto& images = list_at(node, {"status", "images"});
    return std::any_of(images.begin(), images.end(), [&](const json& each) {
      const auto& names = list_at(each, {"names"});
      return std::find(names.begin(), names.end(), json(name)) != names.end();
    });
  });
}

bool is_for_one_of(const std::vector<std::string>& has, const std::set<std::string>& wanted) {
  return has.empty() || wanted.empty() ||
         std::any_of(has.begin(), has.end(),
                     [&](const std::string& one) { return wanted.contains(one); });
}

void judge(const ImageUse& use, const Said& said, Plan& plan) {
  if (!said.unknown.empty())
    plan.notes.push_back("image not checked: " + use.name + ": " + said.unknown);
  else if (!said.there)
    plan.obstacles.push_back({"ImageMissing", base::cat("the registry does not have the image ",
                                                        use.name, " of ", use.of)});
  else if (!is_for_one_of(said.architectures, use.architectures))
    plan.obstacles.push_back(
        {"ImageArchitecture",
         base::cat("the image ", use.name, " of ", use.of, " is for ",
                   base::join(said.architectures, ", "), ", and the nodes are ",
                   base::join({use.architectures.begin(), use.architectures.end()}, ", "))});
}

}  // namespace

std::vector<ImageUse> images_of(const json& pod, const std::string& of) {
  std::vector<ImageUse> images;
  const auto architecture = text_at(pod, {"spec", "nodeSelector", "kubernetes.io/arch"});
  const auto add = [&](const std::string& name, const std::string& policy, const std::string& who) {
    if (policy == "Never") return;
    ImageUse use{name, who};
    if (!architecture.empty()) use.architectures = {architecture};
    use.may_be_there = policy != "Always";
    images.push_back(std::move(use));
  };
  for (const char* list : {"initContainers", "containers"})
    for (const auto& container : list_at(pod, {"spec", list}))
      add(text_at(container, {"image"}), text_at(container, {"imagePullPolicy"}), of);
  for (const auto& volume : list_at(pod, {"spec", "volumes"}))
    if (const auto name = text_at(volume, {"image", "reference"}); !name.empty())
      add(name, text_at(volume, {"image", "pullPolicy"}),
          "volume " + text_at(volume, {"name"}) + " of " + of);
  return images;
}

std::set<std::string> names_on_nodes(const std::vector<ImageUse>& images) {
  std::set<std::string> names;
  for (const auto& use : images)
    if (const auto reference = image::parse_reference(use.name); reference && use.may_be_there)
      names.insert(to_string(*reference));
  return names;
}

void look_at_images(const Cluster& cluster, std::vector<ImageUse> images,
                    const std::vector<json>& nodes, Plan& plan) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  std::map<std::string, std::future<Said>> asked;
  std::vector<std::pair<std::string, const ImageUse*>> order;
  for (auto& use : images) {
    if (use.architectures.empty()) use.architectures = architectures_of(nodes);
    const auto reference = image::parse_reference(use.name);
    if (!reference) {
      plan.obstacles.push_back({"ImageNameInvalid",
                                "'" + use.name + "' of " + use.of + " is no name of an image",
                                true});
      continue;
    }
    if (use.may_be_there && is_on_a_node(*reference, nodes)) continue;
    const auto name = to_string(*reference);
    if (asked.contains(name)) continue;
    asked[name] = std::async(std::launch::async, ask, std::cref(cluster), *reference, deadline);
    order.emplace_back(name, &use);
  }
  for (const auto& [name, use] : order) judge(*use, asked[name].get(), plan);
}

}  // namespace lotse::action
