#pragma once
#include <optional>

#include "cli/runner/output.h"
#include "cli/runner/save_folder.h"
#include "contract/options.h"
#include "runner/infer/results.h"
#include "runner/task/pictures.h"

/// The way of `infer` with --output: results go into a file, which several workers may share.
namespace lotse::cli::runner {

/// Nothing without --output. Throws Error(invalid) where several workers have none.
std::optional<lotse::runner::infer::Results> results_of(const contract::InferOptions& options,
                                                        const lotse::runner::infer::Worker& worker);

/// Predicts this worker's share of the pictures, from where an earlier start was cut off, and joins
/// the shares if it is the last. Returns as `tell` does. Throws Error(stopped) on a signal.
int infer_share(const contract::InferOptions& options,
                lotse::runner::task::PicturePredictor& predictor,
                const lotse::runner::infer::Results& results,
                const lotse::runner::infer::Worker& worker, const SaveFolder* saved,
                Output& output);

/// Tells what a complete run has found; throws Error(invalid) if pictures could not be read.
int tell(const lotse::runner::infer::Tally& tally, const std::filesystem::path& file,
         Output& output);

}  // namespace lotse::cli::runner
