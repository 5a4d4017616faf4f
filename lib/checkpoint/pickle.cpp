#include "checkpoint/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::checkpoint {

namespace {

using Kind = Node::Kind;

/// Functions that REDUCE may name. None of them is called: each stands for a plain value.
constexpr std::array callable = {
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    "collections.OrderedDict",
    "__builtin__.set",
    "builtins.set",
    "torch.Size",
    "torch.device",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.dtype",
    "_codecs.encode",
    "pathlib.PosixPath",
    "pathlib.WindowsPath",
    "pathlib._local.PosixPath",
    "pathlib._local.WindowsPath",
    // How a classifier's pictures are resized.
    "torchvision.transforms.functional.InterpolationMode",
    // Lists of one type in what torch.jit.save writes.
    "torch.jit._pickle.build_intlist",
    "torch.jit._pickle.build_doublelist",
    "torch.jit._pickle.build_boollist",
    "torch.jit._pickle.build_tensorlist",
};

/// Classes whose instances pickle as a call without arguments and a state: bags of settings in the
/// checkpoints of runs that were cut.
constexpr std::array namespaces = {
    "types.SimpleNamespace",
    "ultralytics.utils.IterableSimpleNamespace",
    "ultralytics.utils.__init__.IterableSimpleNamespace",
    "ultralytics.yolo.utils.IterableSimpleNamespace",
};

/// Other names that do nothing where a weights file has them: types, and the parts of an array.
constexpr std::array harmless_names = {
    "torch.Tensor",
    "torch.nn.parameter.Parameter",
    "torch.Storage",
    "torch.storage.UntypedStorage",
    "torch.storage.TypedStorage",
    "torch.jit._pickle.restore_type_tag",
    "numpy.ndarray",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
};

/// Packages whose classes a checkpoint of the field holds instances of. Making one without calling
/// its constructor does nothing; a function among them would still have to be called.
constexpr std::array class_packages = {
    "ultralytics.nn.",
    "ultralytics.utils.loss.",
    "ultralytics.utils.tal.",
    "ultralytics.yolo.utils.loss.",
    "ultralytics.yolo.utils.tal.",
    "torch.nn.modules.",
    "torchvision.transforms.transforms.",
    "models.yolo.",
    "models.common.",
    "__torch__.",
};

template <class List>
bool is_in(const List& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// torch.FloatStorage, torch.float32
bool is_torch_type(const std::string& name) {
  static constexpr std::array types = {"float64", "float32", "float16", "bfloat16", "int64",
                                       "int32",   "int16",   "int8",    "uint8",    "bool"};
  if (!name.starts_with("torch.") || name.find('.', 6) != std::string::npos) return false;
  const auto last = name.substr(6);
  return is_in(types, last) || (last.size() > 7 && last.ends_with("Storage"));
}

bool is_harmless(const std::string& name) {
  return is_in(callable, name) || is_in(namespaces, name) || is_in(harmless_names, name) ||
         is_torch_type(name) ||
         std::any_of(class_packages.begin(), class_packages.end(),
                     [&](std::string_view package) { return name.starts_with(package); });
}

constexpr std::size_t longest_text = std::size_t{64} << 20;
constexpr std::size_t most_nodes = 2'000'000;
constexpr std::size_t longest_name = 512;
constexpr std::size_t most_arguments = 16;
constexpr std::size_t most_findings = 1000;

class Machine {
 public:
  /// With `findings` it goes on where it would refuse, and takes every protocol.
  explicit Machine(std::string_view text, Findings* findings = nullptr)
      : text_(text), findings_(findings) {}

  Pickle run() {
    if (text_.size() > longest_text) fail("the pickle is longer than 64 MiB");
    if (findings_ != nullptr) return run_any();
    if (byte() != 0x80) fail("not a pickle: it does not begin with PROTO");
    if (const int protocol = byte(); protocol != 2)
      fail(base::cat("pickle protocol ", protocol, ", not 2"));
    return run_opcodes();
  }

  std::size_t size() const { return at_; }  ///< of what was read

 private:
  Pickle run_any() {
    if (text_.starts_with('\x80')) take(2);
    return run_opcodes();
  }

  Pickle run_opcodes() {
    while (!done_) {
      opcode_at_ = at_;
      step(byte());
    }
    return std::move(pickle_);
  }

  void found(const std::string& what, const char* why) {
    if (findings_->size() < most_findings)
      findings_->push_back({"", what, base::cat("byte ", opcode_at_), why});
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw base::Error(base::ErrorKind::invalid, base::cat("pickle, byte ", opcode_at_, ": ", what));
  }

  // What the text holds next.
  std::string_view take(std::uint64_t size) {
    if (size > text_.size() - at_) fail("the pickle is cut, or a length is wrong");
    const auto bytes = text_.substr(at_, size);
    at_ += size;
    return bytes;
  }
  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }
  std::uint64_t number(int size) {
    const auto bytes = take(size);
    std::uint64_t value = 0;
    for (int i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::string line() {
    const auto end = text_.substr(at_, longest_name).find('\n');
    if (end == std::string_view::npos) fail("a name does not end");
    std::string name(take(end));
    take(1);
    return name;
  }

  // The stack. Marks are indices into it; nothing pops below the last one.
  Ref push(Node node) {
    if (pickle_.nodes.size() >= most_nodes) fail("more than 2,000,000 values");
    pickle_.nodes.push_back(std::move(node));
    stack_.push_back(static_cast<Ref>(pickle_.nodes.size() - 1));
    return stack_.back();
  }
  Ref pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("the stack is empty");
    const Ref top = stack_.back();
    stack_.pop_back();
    return top;
  }
  Ref top_ref() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("the stack is empty");
    return stack_.back();
  }
  Node& top(Kind kind, const char* what) {
    Node& node = pickle_.nodes[top_ref()];
    if (node.kind != kind) fail(std::string("this opcode needs ") + what);
    return node;
  }
  std::vector<Ref> pop_to_mark() {
    if (marks_.empty()) fail("no mark");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Ref> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  Node items(Kind kind, std::vector<Ref> refs) {
    Node node;
    node.kind = kind;
    node.items = std::move(refs);
    return node;
  }
  void tuple(int size) {
    std::vector<Ref> refs(size);
    for (int i = size; i-- > 0;) refs[i] = pop();
    push(items(Kind::tuple, std::move(refs)));
  }
  void integer(std::int64_t value) {
    Node node;
    node.kind = Kind::integer;
    node.integer = value;
    push(std::move(node));
  }
  void boolean(bool value) {
    Node node;
    node.kind = Kind::boolean;
    node.integer = value ? 1 : 0;
    push(std::move(node));
  }
  void real() {
    Node node;
    node.kind = Kind::real;
    const auto bytes = take(8);  // big-endian, alone among the numbers
    std::uint64_t bits = 0;
    for (const char one : bytes) bits = bits << 8 | static_cast<unsigned char>(one);
    node.real = std::bit_cast<double>(bits);
    push(std::move(node));
  }
  void text(std::string value, Kind kind = Kind::text) {
    Node node;
    node.kind = kind;
    node.text = std::move(value);
    push(std::move(node));
  }
  void long1() {
    const int size = byte();
    if (size > 8 && findings_ != nullptr) {
      take(size);
      return integer(0);
    }
    if (size > 8) fail("an integer of more than 64 bits");
    auto value = number(size);
    if (size > 0 && size < 8 && (value >> (8 * size - 1)) != 0)
      value |= ~std::uint64_t{0} << (8 * size);
    integer(static_cast<std::int64_t>(value));
  }
  void append(Node& into, std::vector<Ref> refs) {
    into.items.insert(into.items.end(), refs.begin(), refs.end());
  }

  void memo_put(std::uint64_t index) { memo_[index] = top_ref(); }
  void memo_get(std::uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail(base::cat("no memo ", index));
    stack_.push_back(found->second);
  }

  void global() {
    const std::string module = line();
    name(module + "." + line());
  }

  /// A name of Python's: a class or a function.
  void name(const std::string& full) {
    if (findings_ != nullptr && !is_harmless(full))
      found(full, "would be imported, perhaps called");
    text(full, Kind::global);
  }

  void reduce() {
    const Ref arguments = pop();
    const Ref function = pop();
    const Node& name = pickle_.at(function);
    if (findings_ != nullptr) return reduce_any(function, arguments);
    if (name.kind != Kind::global) fail("REDUCE of something that is no function's name");
    const bool without_arguments =
        pickle_.at(arguments).kind == Kind::tuple && pickle_.at(arguments).items.empty();
    if (is_in(namespaces, name.text) && without_arguments) {
      push(items(Kind::object, {function, arguments}));
      return;
    }
    if (!is_in(callable, name.text))
      fail("the file asks to call '" + name.text + "', which is not allowed");
    if (pickle_.at(arguments).kind != Kind::tuple ||
        pickle_.at(arguments).items.size() > most_arguments)
      fail("REDUCE without a tuple of arguments");
    const bool empty_dict =
        name.text == "collections.OrderedDict" && pickle_.at(arguments).items.empty();
    push(empty_dict ? items(Kind::dict, {}) : items(Kind::call, {function, arguments}));
  }

  void reduce_any(Ref function, Ref arguments) {
    const Node& name = pickle_.at(function);
    if (name.kind != Kind::global) {
      found("a value", "that the file makes up would be called");
    } else if (is_harmless(name.text) && !is_in(callable, name.text) &&
               !is_in(namespaces, name.text) && !is_in(harmless_names, name.text)) {
      found(name.text, "would be called");
    }
    push(items(Kind::call, {function, arguments}));
  }

  void new_object() {
    const Ref arguments = pop();
    const Ref type = pop();
    if (pickle_.at(type).kind != Kind::global && findings_ == nullptr)
      fail("NEWOBJ of something that is no class");
    push(items(Kind::object, {type, arguments}));
  }

  void build() {
    const Ref state = pop();
    Node& object = pickle_.nodes[top_ref()];
    // An OrderedDict may carry attributes (a state dict's _metadata): they are of no use here.
    if (object.kind == Kind::dict || object.kind == Kind::call || findings_ != nullptr) return;
    if (object.kind != Kind::object || object.items.size() != 2) fail("BUILD without a new object");
    object.items.push_back(state);
  }

  void set_items(std::vector<Ref> refs) {
    if (findings_ != nullptr) return;
    if (refs.size() % 2 != 0) fail("a key without a value");
    append(top(Kind::dict, "a dict"), std::move(refs));
  }

  void append_items(std::vector<Ref> refs) {
    if (findings_ == nullptr) append(top(Kind::list, "a list"), std::move(refs));
  }

  void stop() {
    pickle_.root = pop();
    if (findings_ == nullptr && (!stack_.empty() || !marks_.empty()))
      fail("STOP with more than one value");
    done_ = true;
  }

  void step(unsigned char opcode) {
    switch (opcode) {
      case '.':
        return stop();
      case '(':
        return marks_.push_back(stack_.size());
      case '0':
        if (findings_ != nullptr && !marks_.empty() && stack_.size() == marks_.back())
          return marks_.pop_back();
        pop();
        return;
      case '}':
        push(items(Kind::dict, {}));
        return;
      case ']':
        push(items(Kind::list, {}));
        return;
      case ')':
        push(items(Kind::tuple, {}));
        return;
      case 0x8f:
        push(items(Kind::set, {}));
        return;
      case 't':
        push(items(Kind::tuple, pop_to_mark()));
        return;
      case 'l':
        push(items(Kind::list, pop_to_mark()));
        return;
      case 'd': {
        auto refs = pop_to_mark();
        push(items(Kind::dict, {}));
        return set_items(std::move(refs));
      }
      case 0x85:
        return tuple(1);
      case 0x86:
        return tuple(2);
      case 0x87:
        return tuple(3);
      case 'N':
        push(Node{});
        return;
      case 0x88:
        return boolean(true);
      case 0x89:
        return boolean(false);
      case 'J':
        return integer(static_cast<std::int32_t>(number(4)));
      case 'K':
        return integer(static_cast<std::int64_t>(number(1)));
      case 'M':
        return integer(static_cast<std::int64_t>(number(2)));
      case 0x8a:
        return long1();
      case 'G':
        return real();
      case 'X':
        return text(std::string(take(number(4))));
      case 'U':
        return text(std::string(take(number(1))));
      case 'c':
        return global();
      case 'R':
        return reduce();
      case 0x81:
        return new_object();
      case 'b':
        return build();
      case 'Q':
        push(items(Kind::storage, {pop()}));
        return;
      case 'q':
        return memo_put(number(1));
      case 'r':
        return memo_put(number(4));
      case 'h':
        return memo_get(number(1));
      case 'j':
        return memo_get(number(4));
      case 'a': {
        const Ref item = pop();
        return append_items({item});
      }
      case 'e':
        return append_items(pop_to_mark());
      case 's': {
        const Ref value = pop();
        const Ref key = pop();
        return set_items({key, value});
      }
      case 'u':
        return set_items(pop_to_mark());
      default:
        if (findings_ == nullptr)
          fail(base::cat("opcode ", static_cast<int>(opcode), " is not allowed"));
        step_any(opcode);
    }
  }

  // What other programs' pickles hold: read for what it would do, never for weights.

  std::string_view long_line() {
    const auto end = text_.find('\n', at_);
    if (end == std::string_view::npos) fail("a line does not end");
    const auto content = take(end - at_);
    take(1);
    return content;
  }

  std::uint64_t line_number() {
    const auto digits = long_line();
    std::uint64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc())
      fail("a number that is none");
    return value;
  }

  /// The class or function whose module and name lie on the stack.
  void stack_global() {
    const Node last = pickle_.at(pop());
    const Node module = pickle_.at(pop());
    if (last.kind == Kind::text && module.kind == Kind::text)
      return name(module.text + "." + last.text);
    found("a name", "that the file makes up would be imported");
    text("?", Kind::global);
  }

  /// INST and OBJ: a class, called with what lies above the mark.
  void instance(Ref type, std::vector<Ref> arguments) {
    const Ref tuple = push(items(Kind::tuple, std::move(arguments)));
    pop();
    reduce_any(type, tuple);
  }

  void step_any(unsigned char opcode) {
    switch (opcode) {
      case '1':
        pop_to_mark();
        return;
      case '2':
        return stack_.push_back(top_ref());
      case 'I':
      case 'F':
      case 'L':
        long_line();
        return integer(0);
      case 'S':
      case 'V':
        return text(std::string(long_line()));
      case 'T':
      case 'B':
        return text(std::string(take(number(4))));
      case 'C':
      case 0x8c:
        return text(std::string(take(number(1))));
      case 0x8d:
      case 0x8e:
      case 0x96:
        return text(std::string(take(number(8))));
      case 'P':
        return text(std::string(long_line()), Kind::storage);
      case 'g':
        return memo_get(line_number());
      case 'p':
        return memo_put(line_number());
      case 0x94:
        return memo_put(memo_.size());
      case 'i': {
        const std::string module = line();
        name(module + "." + line());
        const Ref type = pop();
        return instance(type, pop_to_mark());
      }
      case 'o': {
        auto refs = pop_to_mark();
        if (refs.empty()) fail("OBJ without a class");
        const Ref type = refs.front();
        refs.erase(refs.begin());
        return instance(type, std::move(refs));
      }
      case 0x82:
      case 0x83:
      case 0x84:
        take(opcode == 0x84 ? 4 : opcode - 0x81);
        return name("copyreg extension");
      case 0x8b:
        take(number(4));
        return integer(0);
      case 0x90:
        pop_to_mark();
        return;
      case 0x91:
        push(items(Kind::set, pop_to_mark()));
        return;
      case 0x92:
        pop();
        return new_object();
      case 0x93:
        return stack_global();
      case 0x95:
        take(8);
        return;
      case 0x97:
        return text("");
      case 0x98:
        return;
      case 0x80:
        take(1);
        return;
      default:
        fail(base::cat("opcode ", static_cast<int>(opcode), " is not known"));
    }
  }

  std::string_view text_;
  Findings* findings_;
  std::size_t at_ = 0;
  std::size_t opcode_at_ = 0;
  bool done_ = false;
  Pickle pickle_;
  std::vector<Ref> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Ref> memo_;
};

}  // namespace

const Node* Pickle::find(const Node& dict, std::string_view key) const {
  if (dict.kind != Kind::dict) return nullptr;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const Node& name = at(dict.items[i]);
    if (name.kind == Kind::text && name.text == key) return &at(dict.items[i + 1]);
  }
  return nullptr;
}

Pickle read_pickle(std::string_view text) {
  return Machine(text).run();
}

PickleScan scan_pickle(std::string_view text) {
  PickleScan result;
  Machine machine(text.substr(0, longest_text), &result.findings);
  try {
    for (auto& node : machine.run().nodes) {
      if (node.kind == Kind::text) result.texts.push_back(std::move(node.text));
    }
  } catch (const base::Error& error) {
    result.problem = error.what();
  }
  result.size = machine.size();
  return result;
}

}  // namespace lotse::checkpoint
