#pragma once

/// For a function whose loops gain from wider registers where the processor has them: AVX-512
/// (x86-64-v4), AVX2, or what all have. -ffp-contract=off (CMakeLists.txt) keeps FMA out, so that
/// every processor gets the same numbers.
#define LOTSE_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
