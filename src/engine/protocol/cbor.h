// The CBOR form of a shape: the bodies of Smithy's RPC v2 protocol. RFC 8949.
#pragma once

#include "engine/protocol/shape.h"
#include "engine/protocol/validate.h"

#include <stdexcept>
#include <string>
#include <string_view>

namespace engine {

/// The bytes aren't well-formed CBOR, or a value has another type than the shape.
struct CborError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How a point in time is written, after the tag 1: RPC v2 has seconds, with a fraction where there is
/// one; Kinesis's own x-amz-cbor-1.1 has whole milliseconds.
enum class CborTime { kSeconds, kMilliseconds };

/// Fills `object` from one CBOR map, which must be all of `bytes`. Definite and indefinite lengths, any
/// width of number and tags we don't know are read; members the shape does not know are skipped; null and
/// undefined are absence. Nesting deeper than 64 is refused, and no length is believed that the bytes
/// left could not hold. Required members that are missing are added to `violations`. Throws CborError.
void read_cbor(const Shape& shape, std::string_view bytes, void* object, Violations& violations,
               CborTime time = CborTime::kSeconds);

/// Appends the CBOR form, with definite lengths: absent members are left out.
void write_cbor(const Shape& shape, const void* value, std::string& out, CborTime time = CborTime::kSeconds);

/// Appends a text, and the head of a map of `pairs` pairs: what an error is made of.
void write_cbor_text(std::string_view text, std::string& out);
void write_cbor_map(std::size_t pairs, std::string& out);

}  // namespace engine
