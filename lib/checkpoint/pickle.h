#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/finding.h"

namespace lotse::checkpoint {

/// Index of a node in a Pickle.
using Ref = std::uint32_t;

/// A value that a pickle describes. Nothing is imported, constructed or called: a class or function
/// is its name, an instance is that name and its state.
struct Node {
  enum class Kind {
    none,
    boolean,  ///< integer: 0 or 1
    integer,  ///< integer
    real,     ///< real
    text,     ///< text: UTF-8 as it was written
    list,     ///< items
    tuple,    ///< items
    set,      ///< items
    dict,     ///< items: key, value, key, value, ...
    global,   ///< text: "module.name"
    object,   ///< items: class, arguments, and state if it had one
    call,     ///< items: function (one of those allowed), arguments
    storage,  ///< items: the persistent id, a tuple
  };
  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Ref> items;
};

struct Pickle {
  std::vector<Node> nodes;
  Ref root = 0;

  const Node& at(Ref ref) const { return nodes[ref]; }
  /// The value under a text key of a dict; nullptr if there is none.
  const Node* find(const Node& dict, std::string_view key) const;
};

/// Reads a pickle (protocol 2) of the opcodes that torch.save writes for a module. Memory stays
/// bounded: at most 64 MiB of text and 2,000,000 nodes, each opcode makes at most one, and the memo
/// holds references. REDUCE is let through for functions on a short list alone. Throws
/// Error(invalid) with the byte offset and the opcode or the name of the function.
Pickle read_pickle(std::string_view text);

struct PickleScan {
  Findings findings;               ///< without `member`; places are "byte N" of the pickle
  std::vector<std::string> texts;  ///< and byte strings, which may hold a pickle themselves
  std::size_t size = 0;            ///< bytes read, to the end of STOP
  std::string problem;             ///< why reading ended before STOP; "" if it did not
};

/// What carrying the pickle out would do: the same machine, which goes on where read_pickle refuses
/// and knows the opcodes of every protocol. A finding is each name that is not on the lists of
/// harmless ones, and each call of what is not a function on the short list.
PickleScan scan_pickle(std::string_view text);

}  // namespace lotse::checkpoint
