#pragma once

/// For a function whose loops gain from wider registers where the processor has them. Without FMA,
/// so that every processor gets the same numbers.
#define LOTSE_WIDE __attribute__((target_clones("avx2", "default")))
