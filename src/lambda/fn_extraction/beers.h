// From a source's answer to the stream's records, byte by byte as the beers came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fn_extraction {

/// One record of the stream.
struct Record {
  std::string data;  ///< a beer's JSON on one line, and a newline
  std::string partition_key;
};

/// The records in an answer: one for each element of an array (v2), or for the object itself (v3).
/// The text of a beer stays as it came, numbers and all; only the space between its tokens goes
/// when it stands on several lines. An answer that isn't JSON is one record, whole: what is wrong
/// with it is for the delivery's error prefix to show. An answer of nothing but space has no
/// record.
///
/// The partition key is the beer's id, or a hash of the text when there is none.
std::vector<Record> records_of(std::string_view answer);

}  // namespace fn_extraction
