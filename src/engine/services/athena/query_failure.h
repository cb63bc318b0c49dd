// What AthenaError says of a failed query beside its sentence.
#pragma once

#include "engine/models/athena.h"

#include <string>

namespace engine::athena {

/// Category and type by the code that begins the sentence. Verified: the numbers are those of
/// Athena's error catalog (1 system, 2 user; 1006 a syntax error, 1001 bad data, …).
api::AthenaError failure_of(const std::string& sentence);

}  // namespace engine::athena
