// Flags as kubectl's library (pflag) reads them, and what is said of mistakes.
#include "cli/tree/parse.h"

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace lotse::cli;
using Words = std::vector<std::string>;

namespace {

/// What the setters were called with, in order: "namespace=team".
struct Taken {
  Words all;

  std::function<void(const std::string&)> as(const std::string& name) {
    return [this, name](const std::string& value) { all.push_back(name + "=" + value); };
  }
};

Flag flag(Taken& taken, const std::string& name, char letter, const std::string& value) {
  Flag flag;
  flag.name = name;
  flag.letter = letter;
  flag.value = value;
  flag.set = taken.as(name);
  return flag;
}

Positional positional(Taken& taken, const std::string& name, bool repeats) {
  Positional argument;
  argument.name = name;
  argument.required = false;
  argument.repeats = repeats;
  argument.set = taken.as(name);
  return argument;
}

/// A tree with the verbs `list` and `exec`, and `context use`.
Command tree(Taken& taken) {
  Command root{"lotse", "", ""};
  root.flags = {flag(taken, "namespace", 'n', "NAME"), flag(taken, "verbose", 0, "")};
  Command list{"list", "", ""};
  list.flags = root.flags;
  list.flags.push_back(flag(taken, "follow", 'f', ""));
  list.flags.push_back(flag(taken, "all", 'A', ""));
  list.flags.push_back(flag(taken, "gpus", 0, "N"));
  list.flags.push_back(flag(taken, "cpu", 0, "N"));
  list.flags.push_back(flag(taken, "output-format", 'o', "FORM"));
  list.flags.back().choices = {"text", "json"};
  list.flags.back().elsewhere = {"output"};
  list.flags.push_back(flag(taken, "dry-run", 0, "WHERE"));
  list.flags.back().bare = "client";
  list.flags.push_back(flag(taken, "resume", 0, ""));
  list.flags.back().negatable = true;
  list.positionals = {positional(taken, "name", true)};
  list.elsewhere = {"ls"};
  Command exec{"exec", "", ""};
  exec.flags = root.flags;
  exec.positionals = {positional(taken, "name", false), positional(taken, "command", true)};
  exec.positionals[1].foreign = true;
  Command use{"use", "", ""};
  use.flags = root.flags;
  Command context{"context", "", ""};
  context.subcommands = {use};
  root.subcommands = {list, exec, context};
  return root;
}

Words taken_of(const Words& arguments) {
  Taken taken;
  parse(tree(taken), arguments);
  return taken.all;
}

struct Refusal {
  std::string message, hint;
};

Refusal refusal_of(const Words& arguments) {
  Taken taken;
  try {
    parse(tree(taken), arguments);
  } catch (const lotse::base::Error& error) {
    CHECK(error.kind() == lotse::base::ErrorKind::invalid);
    return {error.what(), error.hint()};
  }
  return {"accepted", ""};
}

}  // namespace

TEST_CASE("a value is the rest of its word, or the next word, whatever that is") {
  for (const Words& same : {Words{"--namespace", "team"}, Words{"--namespace=team"},
                            Words{"-n", "team"}, Words{"-nteam"}, Words{"-n=team"}}) {
    auto arguments = same;
    arguments.insert(arguments.begin(), "list");
    CHECK(taken_of(arguments) == Words{"namespace=team"});
  }
  CHECK(taken_of({"list", "--gpus", "-1"}) == Words{"gpus=-1"});
  CHECK(taken_of({"list", "--namespace", "--follow"}) == Words{"namespace=--follow"});
}

TEST_CASE("an empty value is a value: the next word stays what it is") {
  CHECK(taken_of({"list", "--namespace=", "--no-resume"}) == Words{"namespace=", "resume=false"});
  CHECK(taken_of({"list", "-n=", "x"}) == Words{"namespace=", "name=x"});
  CHECK(taken_of({"list", "--namespace", "", "x"}) == Words{"namespace=", "name=x"});
}

TEST_CASE("switches stand together, and say true or false") {
  CHECK(taken_of({"list", "-fA"}) == Words{"follow=true", "all=true"});
  CHECK(taken_of({"list", "-f=false", "--all=1"}) == Words{"follow=false", "all=true"});
  CHECK(taken_of({"list", "-fn", "team"}) == Words{"follow=true", "namespace=team"});
  CHECK(taken_of({"list", "--no-resume=false"}) == Words{"resume=true"});
  CHECK(refusal_of({"list", "-f=maybe"}).message == "-f is true or false, not 'maybe'");
}

TEST_CASE("a flag with a value of its own never takes the next word") {
  CHECK(taken_of({"list", "--dry-run", "x"}) == Words{"dry-run=client", "name=x"});
  CHECK(taken_of({"list", "--dry-run=server"}) == Words{"dry-run=server"});
}

TEST_CASE("behind -- nothing is a flag; - and negative numbers never are") {
  CHECK(taken_of({"list", "--", "-n", "team"}) == Words{"name=-n", "name=team"});
  CHECK(taken_of({"list", "-", "-5"}) == Words{"name=-", "name=-5"});
}

TEST_CASE("flags of the root may stand before the command, and before the command's command") {
  CHECK(taken_of({"-n", "team", "list", "x"}) == Words{"namespace=team", "name=x"});
  CHECK(taken_of({"--verbose", "-nteam", "list"}) == Words{"verbose=true", "namespace=team"});
  CHECK(taken_of({"--namespace=team", "context", "-n", "other", "use"}) ==
        Words{"namespace=team", "namespace=other"});
  Taken taken;
  CHECK(command_words(tree(taken), {"-n", "team", "list", "-A"}) == Words{"list", "-A"});
  CHECK(command_words(tree(taken), {"-n"}).empty());
  CHECK(refusal_of({"--gpus", "1", "list"}).hint == "the flags of a command stand behind its name");
}

TEST_CASE("what is missing is said in our words") {
  CHECK(refusal_of({"list", "--gpus"}).message.starts_with("--gpus needs a value: N"));
  CHECK(refusal_of({"list", "-o", "yaml"}).message == "-o must be one of text, json, is 'yaml'");
}

TEST_CASE("a mistake names what is meant") {
  CHECK(refusal_of({"list", "--gpu", "1"}).hint == "did you mean --gpus?");
  CHECK(refusal_of({"list", "--output", "json"}).hint == "did you mean --output-format?");
  CHECK(refusal_of({"list", "--names", "x"}).hint == "did you mean --namespace?");
  CHECK(refusal_of({"list", "--folow"}).hint == "did you mean --follow?");
  CHECK(refusal_of({"list", "-fx"}).message == "`lotse list` has no flag -x (in -fx)");
  CHECK(refusal_of({"ls"}).hint == "did you mean list?");
  CHECK(refusal_of({"lsit"}).hint == "did you mean list?");
  CHECK(refusal_of({"context"}).message == "`lotse context` needs a command");
}

TEST_CASE("another program's flags need -- before them") {
  CHECK(taken_of({"exec", "x", "--", "nvidia-smi", "-L"}) ==
        Words{"name=x", "command=nvidia-smi", "command=-L"});
  const auto refusal = refusal_of({"exec", "x", "nvidia-smi", "-L"});
  CHECK(refusal.message == "`lotse exec` has no flag -L");
  CHECK(refusal.hint.find("lotse exec x -- COMMAND") != std::string::npos);
}

TEST_CASE("--help counts before --, wherever it stands") {
  Taken taken;
  const auto root = tree(taken);
  CHECK(parse(root, {"list", "--nonsense", "--help"}).help);
  CHECK(parse(root, {"-n", "team", "list", "-h"}).command->name == "list");
  CHECK_FALSE(parse(root, {"exec", "x", "--", "ls", "--help"}).help);
  CHECK(parse(root, {}).help);
}
