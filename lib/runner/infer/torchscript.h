#pragma once
#include <memory>

#include "runner/infer/engine.h"

namespace lotse::runner::infer {

/// An exported file, ours or another's that says in `config.txt` what it is (Ultralytics).
/// TorchScript is a program: it is read by checkpoint/torchscript.h first, and only what was found
/// to be arithmetic is given to libtorch. Throws Error(invalid) naming the operator if it is not,
/// if it is damaged, or if head, precision or size are asked for that it does not have.
std::unique_ptr<Engine> load_torchscript(const EngineOptions& options);

}  // namespace lotse::runner::infer
