// What nearly every file of this room includes; torch.h alone takes most of a compiler's time.
#pragma once
#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>
