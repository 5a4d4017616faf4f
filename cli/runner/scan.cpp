#include "cli/runner/scan.h"

#include <memory>

#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/scan.h"
#include "cli/runner/output.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"

namespace lotse::cli::runner {

namespace {

using nlohmann::json;

struct Answer {
  std::string text;
  json document;
  int code = contract::exit_done;
};

Answer scan_one(const std::string& file) {
  try {
    const auto found = checkpoint::scan(contract::resolve_file(file));
    Answer answer{file + ": nothing found (" + found.kind + ")\n", {}, contract::exit_done};
    json findings = json::array();
    if (!found.findings.empty()) {
      answer.text = "";
      answer.code = contract::exit_failed;
    }
    for (const auto& one : found.findings) {
      answer.text += base::printable(file + ": " + checkpoint::describe(one)) + "\n";
      findings.push_back(
          {{"member", one.member}, {"what", one.what}, {"place", one.place}, {"why", one.why}});
    }
    answer.document = {{"file", file}, {"kind", found.kind}, {"findings", std::move(findings)}};
    return answer;
  } catch (const base::Error& error) {
    return {base::printable(base::cat("cannot be read: ", error.what())) + "\n",
            {{"file", file}, {"error", error.what()}},
            contract::exit_invalid};
  }
}

struct Arguments {
  std::vector<std::string> files;
  std::string form = "text";  ///< or "json"
};

int run_scan(const Arguments& arguments) {
  std::string text;
  json documents = json::array();
  int code = contract::exit_done;
  for (const auto& file : arguments.files) {
    auto answer = scan_one(file);
    text += answer.text;
    documents.push_back(std::move(answer.document));
    // What would happen outweighs what cannot be read.
    if (code != contract::exit_failed && answer.code != contract::exit_done) code = answer.code;
  }
  Output output(arguments.form == "json" ? Output::Form::json : Output::Form::plain);
  output.print_document(text, {{"files", std::move(documents)}});
  return output.failed() ? contract::exit_failed : code;
}

constexpr auto long_help =
    "Says what weights files and pickles would do, without running anything in them.\n\n"
    "Exit codes: 0 nothing found, 1 a file would do something (each finding: file, member, place,\n"
    "operator or global), 2 a file cannot be read. TorchScript: what is not arithmetic on "
    "tensors.\n"
    "Pickles, in any member of a file: names that would be imported or called, but for those that\n"
    "weights of the field have. The readers are the ones that load: what scan lets through is "
    "what\n"
    "infer, serve and train read.\n";

}  // namespace

Command scan_command() {
  auto arguments = std::make_shared<Arguments>();
  Command command{"scan", "say what weights files and pickles would do, and run none", long_help};
  Positional files;
  files.name = "file";
  files.help = ".pt, .torchscript, .safetensors, pickles";
  files.repeats = true;
  files.set = [arguments](const std::string& given) { arguments->files.push_back(given); };
  command.positionals = {files};
  Flag form;
  form.name = "output-format";
  form.letter = 'o';
  form.value = "FORM";
  form.help = "how findings are printed";
  form.choices = {"text", "json"};
  form.standard = "text";
  form.set = [arguments](const std::string& given) { arguments->form = given; };
  command.flags = {form};
  command.run = [arguments] { return run_scan(*arguments); };
  return command;
}

}  // namespace lotse::cli::runner
