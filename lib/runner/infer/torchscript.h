#pragma once
#include <memory>

#include "runner/infer/engine.h"

namespace lotse::runner::infer {

/// An exported file. TorchScript is a program: take it only from where you would take a program.
/// Throws Error(invalid) if it is damaged, was not exported by lotse-runner, or if head, precision
/// or size are asked for that it does not have.
std::unique_ptr<Engine> load_torchscript(const EngineOptions& options);

}  // namespace lotse::runner::infer
