#include "cli/runner/scan.h"

#include "base/error.h"
#include "base/strings.h"
#include "checkpoint/scan.h"
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

}  // namespace

void add_scan(CLI::App& app, ScanArguments& arguments) {
  CLI::App* mode = app.add_subcommand(
      "scan", "say what weights files and pickles would do, without running anything in them");
  mode->add_option("files", arguments.files, ".pt, .torchscript, .safetensors, pickles")
      ->required();
  mode->add_option("-o,--output-format", arguments.form, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  mode->footer(
      "Exit codes: 0 nothing found, 1 a file would do something (each finding: file, member, "
      "place,\n"
      "operator or global), 2 a file cannot be read. TorchScript: what is not arithmetic on "
      "tensors.\n"
      "Pickles, in any member of a file: names that would be imported or called, but for those "
      "that\n"
      "weights of the field have. The readers are the ones that load: what scan lets through is "
      "what\n"
      "infer, serve and train read.");
  mode->callback([&arguments] { arguments.asked = true; });
}

int run_scan(const ScanArguments& arguments) {
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
  return code;
}

}  // namespace lotse::cli::runner
