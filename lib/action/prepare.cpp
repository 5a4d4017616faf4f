#include "action/prepare.h"

#include <algorithm>
#include <random>

#include "action/files.h"
#include "base/error.h"
#include "base/strings.h"
#include "crypto/digest.h"
#include "object/kind.h"
#include "object/member.h"
#include "object/reference.h"
#include "template/secret_values.h"

namespace lotse::action {

namespace {

namespace fs = std::filesystem;
using base::Error;

constexpr size_t longest_name = 40;

/// Lower-case letters, digits and single dashes.
std::string as_label(const std::string& text) {
  std::string label;
  for (const char c : base::lower(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      label += c;
    else if (!label.empty() && label.back() != '-')
      label += '-';
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label;
}

void check_name(const std::string& name) {
  const bool starts_right = !name.empty() && name[0] >= 'a' && name[0] <= 'z';
  if (name.size() <= longest_name && starts_right && as_label(name) == name) return;
  throw Error({{"--name", "'" + name + "' is no name for a workload",
                base::cat("at most ", longest_name,
                          " lower-case letters, digits and single '-', a letter first")}});
}

/// "a.b=1" -> {"a": {"b": 1}} laid over `values`; typed by the flag of that key, if there is one.
void apply_set(const std::vector<schema::Flag>& flags, const std::string& text,
               tmpl::FlagValues& values) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error({{"--set", "'" + text + "' is not KEY=VALUE", ""}});
  const auto keys = base::split(text.substr(0, equals), '.');
  const auto given = text.substr(equals + 1);
  json value = document::parse_scalar(given);
  for (const auto& flag : flags)
    if (keys.size() == 1 && flag.key == keys[0])
      if (const auto typed = schema::parse_flag(flag, given)) value = *typed;
  for (size_t i = keys.size(); i-- > 1;) value = json{{keys[i], value}};
  if (values.contains(keys[0]) && values[keys[0]].is_object() && value.is_object())
    values[keys[0]].merge_patch(value);
  else
    values[keys[0]] = value;
}

json merged_values(const tmpl::Template& from, const PrepareOptions& options) {
  std::vector<document::Document> files;
  files.reserve(options.values_files.size());
  for (const auto& file : options.values_files) files.push_back(document::read_document(file));
  tmpl::FlagValues flags;
  const auto known = from.flags();
  for (const auto& set : options.sets) apply_set(known, set, flags);
  for (const auto& [key, value] : options.flags) flags[key] = value;
  return tmpl::merge_values(from, files, flags);
}

void check_local(const std::vector<schema::Flag>& flags, const json& values) {
  base::Diagnostics problems;
  for (const auto& flag : flags)
    if (!flag.local && values.value(flag.key, json()) != flag.default_value)
      problems.push_back({"--" + flag.name, "cannot be carried out on this machine",
                          "leave it out, or use a cluster"});
  base::throw_if_any(std::move(problems));
}

/// The labels of every object of the workload.
json labels_of(const std::string& name, const std::string& template_name) {
  return {{workload::label_managed_by, workload::managed_by},
          {workload::label_workload, name},
          {workload::label_template, template_name}};
}

json workload_for_template(const tmpl::Template& from, const PrepareOptions& options,
                           const std::string& name, const std::string& name_space,
                           const json& volumes) {
  return {{"name", name},
          {"namespace", name_space},
          {"labels", labels_of(name, from.info.name)},
          {"image", options.image},
          {"imagePullPolicy", options.image_pull_policy},
          {"revision", "00000000"},
          {"volumes", volumes}};
}

/// What the pods of a service see: their template, what they mount and the devices that they claim.
/// A service can change in the rest, such as its number of replicas, while its pods go on. A Job
/// cannot change at all.
json seen_by_pods(const std::vector<json>& manifests) {
  json seen = json::array();
  for (const auto& object : manifests) {
    for (const char* made : {"template", "spec"})
      if (const json& spec = object::at(object, {"spec", made}); spec.is_object())
        seen.push_back(spec);
    for (const char* field : {"data", "binaryData"})
      if (const json& data = object::at(object, {field}); data.is_object()) seen.push_back(data);
  }
  return seen;
}

/// "" of an object of a kind that every server has.
std::string capability_for(const json& object) {
  return object::capability_of(object::text_at(object, {"apiVersion"}), object::kind_of(object));
}

std::string queue_of(const json& object) {
  return object::text_at(object, {"metadata", "labels", workload::label_queue});
}

bool needs_capability(const std::vector<json>& objects) {
  return std::any_of(objects.begin(), objects.end(), [](const json& object) {
    return !capability_for(object).empty() || !queue_of(object).empty();
  });
}

/// A Job with a queue's label is made suspended, and Kueue alone takes that back.
void check_queue(const json& object, const json& cluster) {
  constexpr auto queues = "LocalQueue.kueue.x-k8s.io";
  if (queue_of(object).empty() || !object::text_at(cluster, {"capabilities", queues}).empty())
    return;
  throw Error(base::ErrorKind::not_found,
              base::cat("the cluster has no ", queues, ": without Kueue nothing would ever admit ",
                        object::describe(object), " from the queue '", queue_of(object), "'"),
              "leave --queue out, or have Kueue installed");
}

/// Throws Error(not_found) where an object is of a kind that the cluster does not have, or waits
/// for one.
void check_capabilities(const std::vector<json>& objects, const json& cluster) {
  for (const auto& object : objects) {
    check_queue(object, cluster);
    const auto version = object::text_at(object, {"apiVersion"});
    const auto name = capability_for(object);
    if (!name.empty() && object::text_at(cluster, {"capabilities", name.c_str()}) != version)
      throw Error(base::ErrorKind::not_found,
                  base::cat("the cluster has no ", name, " in ", object::version_of(version),
                            ", or you may not make one"),
                  "`lotse context check` says what you may");
  }
}

std::string content_of(const tmpl::Template& from, const std::vector<json>& manifests) {
  constexpr size_t digits = 8;
  const bool service = from.info.kind == "service";
  return crypto::sha256((service ? seen_by_pods(manifests) : json(manifests)).dump())
      .substr(0, digits);
}

}  // namespace

std::string make_name(const std::string& template_name, const json& values) {
  std::string name = as_label(template_name);
  if (const auto model = values.find("model"); model != values.end() && model->is_string()) {
    const auto reference = model->get<std::string>();
    const auto stem = as_label(fs::path(reference).stem().string());
    if (!stem.empty()) name += "-" + stem;
  }
  constexpr size_t tail = 4;
  name = as_label(name.substr(0, longest_name - tail - 1));
  static constexpr char letters[] = "bcdfghjklmnpqrstvwxz2456789";  // makes no words
  std::random_device random;
  std::uniform_int_distribution<size_t> pick(0, sizeof letters - 2);
  name += '-';
  for (size_t i = 0; i < tail; ++i) name += letters[pick(random)];
  return name;
}

Prepared prepare(const tmpl::Template& from, const PrepareOptions& options, bool local,
                 const std::string& name_space) {
  const json values = merged_values(from, options);
  const auto name = options.name.empty() ? make_name(from.info.name, values) : options.name;
  check_name(name);
  const auto flags = from.flags();
  if (local) check_local(flags, values);
  const auto files = resolve_files(flags, values, name, local);
  json workload = workload_for_template(from, options, name, name_space, files.volumes);
  const bool asks = options.cluster && tmpl::looks_at_cluster(from, files.values, workload);
  json cluster = asks ? options.cluster() : tmpl::plain_cluster();
  const auto content = content_of(from, tmpl::render(from, files.values, workload, cluster));
  workload["revision"] = content;
  auto objects = tmpl::render(from, files.values, workload, cluster);
  tmpl::check_secrets(from, files.values, objects);
  if (options.cluster && needs_capability(objects)) {
    if (!asks) cluster = options.cluster();
    check_capabilities(objects, cluster);
  }
  for (auto& object : objects) object["metadata"]["namespace"] = name_space;
  return {.name = name,
          .name_space = name_space,
          .revision = {.content = content,
                       .cause = "apply",
                       .template_name = from.info.name,
                       .template_version = from.info.version,
                       .template_kind = from.info.kind,
                       .values = tmpl::without_secrets(from, values),
                       .objects = std::move(objects)},
          .folders = files.folders};
}

json anchor_of(const Prepared& prepared) {
  const auto& revision = prepared.revision;
  json annotations = {{workload::annotation_kind, revision.template_name},
                      {workload::annotation_revision, revision.content}};
  if (revision.number > 0) {
    annotations[workload::annotation_number] = std::to_string(revision.number);
    annotations[workload::annotation_cause] = revision.cause;
  }
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata",
           {{"name", prepared.name},
            {"namespace", prepared.name_space},
            {"labels", labels_of(prepared.name, revision.template_name)},
            {"annotations", annotations}}},
          {"data",
           {{"values.json", revision.values.dump()},
            {"template", revision.template_name + " " + revision.template_version}}}};
}

std::vector<json> objects_of(const Prepared& prepared) {
  auto objects = prepared.revision.objects;
  objects.insert(objects.begin(), anchor_of(prepared));
  return objects;
}

json without_secret_data(json object) {
  if (object::kind_of(object) != "Secret") return object;
  for (const char* key : {"data", "stringData"})
    if (auto data = object.find(key); data != object.end() && data->is_object())
      for (auto& each : *data) each = hidden;
  return object;
}

}  // namespace lotse::action
