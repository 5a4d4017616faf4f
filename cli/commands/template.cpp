#include "action/prepare.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"
#include "document/write.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string which;
  action::PrepareOptions prepare;
  bool local = false;
};

int list_templates(const Common& common) {
  const auto templates = tmpl::builtin_templates();
  if (common.json()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& info : templates)
      all.push_back({{"name", info.name},
                     {"kind", info.kind},
                     {"version", info.version},
                     {"help", info.help}});
    print_answer({{"templates", all}});
    return 0;
  }
  Table table({"NAME", "KIND", "VERSION", "WHAT IT DOES"});
  for (const auto& info : templates)
    table.add({info.name, info.kind, info.version, info.help.substr(0, info.help.find('\n'))});
  print(table.text());
  return 0;
}

std::vector<document::Document> fragments_of(const tmpl::Template& one) {
  std::vector<document::Document> documents;
  documents.reserve(one.fragments.size());
  for (const auto& [unused, fragment] : one.fragments) documents.push_back(fragment);
  return documents;
}

nlohmann::json files_as_json(const std::vector<document::Document>& documents) {
  nlohmann::json files = nlohmann::json::array();
  for (const auto& document : documents)
    files.push_back({{"file", document.file}, {"content", document.value}});
  return files;
}

int show_template(const Options& options) {
  const auto one = tmpl::load_template(options.which);
  const nlohmann::json head = {{"name", one.info.name},       {"kind", one.info.kind},
                               {"version", one.info.version}, {"mode", one.info.mode},
                               {"help", one.info.help},       {"schema", one.schema}};
  const auto fragments = fragments_of(one);
  if (options.common.json()) {
    nlohmann::json all = head;
    all["manifests"] = files_as_json(one.manifests);
    all["fragments"] = files_as_json(fragments);
    print_answer(all);
    return 0;
  }
  std::string text = "# template.yaml\n" + document::write_yaml(head);
  for (const auto* documents : {&one.manifests, &fragments})
    for (const auto& document : *documents)
      text += "---\n# " + document.file + "\n" + document::write_yaml(document.value);
  print(text);
  return 0;
}

int render_template(Options& options) {
  const auto one = tmpl::load_template(options.which);
  if (options.prepare.image.empty()) options.prepare.image = "lotse-runner:" LOTSE_VERSION;
  if (options.prepare.name.empty())
    options.prepare.name = one.info.name;  // the same input, the same output
  const auto& name_space = options.common.place.name_space;
  const auto prepared = action::prepare(one, options.prepare, options.common.place.on == "local",
                                        name_space.empty() ? "default" : name_space);
  const auto objects = action::objects_of(prepared);
  if (options.common.json())
    print_foreign_json(objects);
  else
    print(document::write_yaml_stream(objects));
  return 0;
}

Positional template_argument(const std::shared_ptr<Options>& options) {
  Positional which;
  which.name = "template";
  which.help = "a built-in template's name, or a folder (with a '/')";
  which.complete = Complete::template_name;
  which.set = [options](const std::string& given) { options->which = given; };
  return which;
}

Command render_command() {
  auto options = std::make_shared<Options>();
  Command render{"render", "print the objects that a template and values make; nothing is applied",
                 ""};
  Flag values = text_flag("values", "FILE", "values from a YAML or JSON file; -: standard input",
                          options->which);
  values.letter = 'f';
  values.elsewhere = {"filename", "file"};
  values.repeats = true;
  values.complete = Complete::file;
  values.set = [options](const std::string& file) {
    options->prepare.values_files.emplace_back(file);
  };
  Flag set = text_flag("set", "KEY=VALUE", "one value", options->which);
  set.repeats = true;
  set.set = [options](const std::string& text) { options->prepare.sets.push_back(text); };
  Flag on = text_flag("on", "WHERE", "local: paths of this machine are allowed",
                      options->common.place.on);
  on.choices = {"local", "cluster"};
  Flag name_space =
      text_flag("namespace", "NAME", "namespace of the objects", options->common.place.name_space);
  name_space.letter = 'n';
  name_space.standard = "default";
  render.flags = {values,
                  set,
                  text_flag("name", "NAME", "the workload's name; default: the template's",
                            options->prepare.name),
                  text_flag("image", "IMAGE", "the runner's image", options->prepare.image),
                  on,
                  name_space,
                  output_flag(options->common, {"yaml", "json"})};
  render.positionals = {template_argument(options)};
  render.run = [options] { return render_template(*options); };
  return render;
}

}  // namespace

Command template_command() {
  auto options = std::make_shared<Options>();
  Command list{"list", "the built-in templates", ""};
  list.flags = {output_flag(options->common)};
  list.run = [options] { return list_templates(options->common); };
  Command show{"show", "a template's schema and manifests", ""};
  show.flags = {output_flag(options->common, {"yaml", "json"})};
  show.positionals = {template_argument(options)};
  show.run = [options] { return show_template(*options); };
  Command command{"template", "what the verbs render", long_help("template")};
  command.subcommands = {list, show, render_command()};
  return command;
}

}  // namespace lotse::cli
