#pragma once
#include <string_view>

namespace lotse::base {

/// Opens what stands for standard input, output and error where the caller closed one of them, so
/// that no file of ours takes its number and gets what is printed. Call first of all in main.
void reserve_standard_streams();

/// Writes to standard output, whole and at once, without stdio's buffer. Returns false where nobody
/// reads it any more (EPIPE): that is no failure, but what follows is lost as well. Throws
/// Error(failed) if it cannot be written, for example to a full disk.
bool write_output(std::string_view text);

/// Whether a write_output of this process has thrown. Its results are lost, so it has not
/// succeeded, whatever became of the exception (that of a thread is only logged).
bool output_failed();

}  // namespace lotse::base
