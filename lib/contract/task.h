#pragma once
#include <string>

#include "contract/field.h"

/// What models are for, and whose options are whose.
namespace lotse::contract {

/// Why a model for this task cannot be given the option.
std::string others_option(const Field& field, const std::string& task);

/// The task of the models of such a name, "yolo26n-cls"; "" of a file, which says itself what it is
/// for.
std::string task_of_name(const std::string& model);

}  // namespace lotse::contract
